/** Tests of views as their users write them. */
package dev.recount.core.cases;
