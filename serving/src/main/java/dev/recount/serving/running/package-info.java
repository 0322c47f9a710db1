/** The questions that are being answered: who waits for them, and how they are ended. */
package dev.recount.serving.running;
