/** Views as their users write them, and as all layers see them. */
package dev.recount.core.view;
