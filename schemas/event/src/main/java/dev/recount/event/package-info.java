/** Event types and their encoding. */
package dev.recount.event;
