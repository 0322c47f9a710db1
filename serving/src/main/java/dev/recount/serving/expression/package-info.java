/** What the gateway computes itself, from merged values or from values alone. */
package dev.recount.serving.expression;
