/** The description of the HTTP API that programs read. */
package dev.recount.serving.openapi;
