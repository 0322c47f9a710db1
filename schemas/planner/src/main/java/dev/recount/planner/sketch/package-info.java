/** The sketch functions that views may use, as native aggregates of Spark. */
package dev.recount.planner.sketch;
