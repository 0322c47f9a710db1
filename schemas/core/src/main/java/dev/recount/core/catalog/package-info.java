/** The catalog: one database that every layer reads and writes through these classes. */
package dev.recount.core.catalog;
