/** How many records were rejected. */
package dev.recount.serving.letters;
