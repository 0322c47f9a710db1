/** How we talk to Pinot. */
package dev.recount.infra.clients.pinot;
