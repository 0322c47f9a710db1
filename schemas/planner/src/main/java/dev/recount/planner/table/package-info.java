/** The Pinot tables that a view becomes, and their star-trees. */
package dev.recount.planner.table;
