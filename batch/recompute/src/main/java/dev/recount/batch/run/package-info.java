/** {@code recount batch run}: which views are due, one run at a time, from cut to publication. */
package dev.recount.batch.run;
