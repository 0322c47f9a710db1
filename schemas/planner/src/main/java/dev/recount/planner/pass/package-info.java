/** A view as a program over rows, and the pass that runs it inside a task. */
package dev.recount.planner.pass;
