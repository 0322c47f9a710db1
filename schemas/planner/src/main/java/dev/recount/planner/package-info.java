/**
 * From a view file to what both layers run: events as Spark rows, the analysed plan of a view, the
 * classes of its measures, and the Pinot tables it becomes.
 */
package dev.recount.planner;
