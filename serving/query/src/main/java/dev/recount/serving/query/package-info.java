/** The command that asks a running stack. */
package dev.recount.serving.query;
