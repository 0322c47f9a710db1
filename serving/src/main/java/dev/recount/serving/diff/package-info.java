/** Asks two versions of a view, and compares what they answer. */
package dev.recount.serving.diff;
