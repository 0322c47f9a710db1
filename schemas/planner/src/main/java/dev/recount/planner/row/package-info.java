/** Events as rows of Spark: types, values, sessions. */
package dev.recount.planner.row;
