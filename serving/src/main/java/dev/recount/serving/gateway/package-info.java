/**
 * The gateway in front of Pinot: it takes SQL over views, asks Pinot so that the answer is exact,
 * and says with every answer what it is made of. {@link dev.recount.serving.gateway.Gateway} is the
 * way in. A query is parsed ({@link dev.recount.serving.gateway.SqlText}), bound to a view ({@link
 * dev.recount.serving.gateway.Binder}), split into what Pinot computes (groups and mergeable
 * aggregates) and what the gateway computes from those (formulas, HAVING, ORDER BY), and asked
 * between two looks at Pinot's routing that must show the same, whole view.
 */
package dev.recount.serving.gateway;
