/** What Pinot groups stored rows by, and what it merges of each group. */
package dev.recount.serving.merge;
