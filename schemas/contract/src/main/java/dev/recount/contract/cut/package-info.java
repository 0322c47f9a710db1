/** Where batch ends and real time begins. */
package dev.recount.contract.cut;
