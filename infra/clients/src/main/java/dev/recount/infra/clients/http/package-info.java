/** How we talk to services that take and give JSON over HTTP. */
package dev.recount.infra.clients.http;
