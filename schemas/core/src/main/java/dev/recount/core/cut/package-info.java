/** Where batch ends and real time begins. */
package dev.recount.core.cut;
