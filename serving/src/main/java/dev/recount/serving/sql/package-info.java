/**
 * A query as its user wrote it: its text is read into clauses, values and names, whatever view it
 * is of.
 */
package dev.recount.serving.sql;
