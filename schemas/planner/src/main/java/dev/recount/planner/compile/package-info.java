/**
 * From a view file to its plan: the analysed SQL, the classes of its measures, how they are stored,
 * and what is refused.
 */
package dev.recount.planner.compile;
