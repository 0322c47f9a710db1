/** Tests of the local stack, with its real processes. */
package dev.recount.infra.stack;
