/** The commands of the batch layer. */
package dev.recount.batch;
