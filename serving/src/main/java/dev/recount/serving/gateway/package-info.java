/**
 * The way in to views: {@link dev.recount.serving.gateway.Gateway} takes SQL, asks Pinot so that
 * the answer is exact, and says with every answer what it is made of. A query walks through these
 * packages, each of which knows those before it alone: it is read ({@link
 * dev.recount.serving.sql}), bound to a view ({@link dev.recount.serving.bind}), which splits it
 * into what Pinot computes of each row ({@link dev.recount.serving.scalar}) and merges ({@link
 * dev.recount.serving.merge}) and what the gateway computes from that ({@link
 * dev.recount.serving.expression}), and answered ({@link dev.recount.serving.answer}) between two
 * looks at what Pinot serves ({@link dev.recount.serving.pinot}), which must show the same, whole
 * view.
 */
package dev.recount.serving.gateway;
