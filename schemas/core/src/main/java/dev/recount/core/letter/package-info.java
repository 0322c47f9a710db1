/** Dead letters: records that could not be taken in. */
package dev.recount.core.letter;
