/** What runs and audits ask of Pinot, and how they show their progress. */
package dev.recount.batch.recompute;
