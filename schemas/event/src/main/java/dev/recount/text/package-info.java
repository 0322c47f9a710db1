/** Texts and the bytes that they come as. */
package dev.recount.text;
