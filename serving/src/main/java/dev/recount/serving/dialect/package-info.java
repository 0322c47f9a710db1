/**
 * Pinot's SQL, as tools write it, in Recount's words: what it says of a view's columns is
 * translated to the merges of the view's measures, or refused with what to write instead.
 */
package dev.recount.serving.dialect;
