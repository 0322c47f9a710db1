/** The HTTP API: events in, SQL answered, health; every error in one form. */
package dev.recount.serving.http;
