/**
 * Full-text search: queries in the syntax of Lucene, written so that both sides of a view answer
 * alike.
 */
package dev.recount.serving.text;
