/** Settings: one typed record, one commented file of defaults, one folder for local state. */
package dev.recount.core.config;
