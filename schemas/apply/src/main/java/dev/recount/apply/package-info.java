/**
 * {@code recount plan} and {@code recount apply}: what would change, and making it so: topics,
 * tables, the catalog.
 */
package dev.recount.apply;
