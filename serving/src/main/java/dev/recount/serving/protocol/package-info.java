/**
 * The broker and the controller of a Pinot, as far as Pinot's own clients ask them: views are its
 * tables, and its answers are the gateway's.
 */
package dev.recount.serving.protocol;
