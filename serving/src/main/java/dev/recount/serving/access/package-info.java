/**
 * Who asks over HTTP, and whether it may: keys, tokens, sessions, origins; a log of who did what.
 */
package dev.recount.serving.access;
