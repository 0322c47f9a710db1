/** What must hold of a view before a run serves it. */
package dev.recount.batch.check;
