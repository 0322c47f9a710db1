/** Dead letters: records that could not be ingested. */
package dev.recount.core.letter;
