/** What Pinot serves at a moment, how far it has ingested the speed layer, and how it is asked. */
package dev.recount.serving.pinot;
