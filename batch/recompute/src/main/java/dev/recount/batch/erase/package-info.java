/** {@code recount archive erase}: events that a person wants gone leave the archive. */
package dev.recount.batch.erase;
