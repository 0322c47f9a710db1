/**
 * A query bound to a view: what Pinot groups and merges, and what the gateway computes from that.
 */
package dev.recount.serving.bind;
