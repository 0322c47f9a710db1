/**
 * Subscriptions: the answer to a question to one view, and from then on the groups that change, as
 * server-sent events. Equal questions are asked once, however many subscribe to them.
 */
package dev.recount.serving.stream;
