/** An answer: the groups that Pinot gives, the rows made from them, and what they are made of. */
package dev.recount.serving.answer;
