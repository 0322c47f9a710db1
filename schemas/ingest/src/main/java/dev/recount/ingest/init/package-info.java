/**
 * {@code recount init}: looks at files and drafts what their events need: a schema, a mapping and a
 * first view. What is guessed is said with its reason.
 */
package dev.recount.ingest.init;
