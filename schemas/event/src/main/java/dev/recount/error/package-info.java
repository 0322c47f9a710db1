/** The form of every error: a stable code, a kind, a message that says what to do. */
package dev.recount.error;
