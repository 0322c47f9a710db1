/**
 * The proof: views are counted once more from the raw archive by plain SQL, and compared, group by
 * group, with what the gateway answers.
 */
package dev.recount.batch.audit;
