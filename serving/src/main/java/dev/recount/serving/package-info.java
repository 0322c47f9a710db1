/** The serving layer: one process that takes events and answers SQL over HTTP. */
package dev.recount.serving;
