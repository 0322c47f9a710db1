/** The latest states of an event that a view joins. */
package dev.recount.planner.state;
