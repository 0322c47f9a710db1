/** The versions of views: how far each is, and which one readers see. */
package dev.recount.core.version;
