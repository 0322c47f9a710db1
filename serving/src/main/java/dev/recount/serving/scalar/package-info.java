/**
 * What Pinot computes of each stored row, written in its words: expressions over dimensions, and
 * WHERE.
 */
package dev.recount.serving.scalar;
