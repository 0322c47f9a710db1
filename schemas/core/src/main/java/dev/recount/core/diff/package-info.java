/** How the answers of two versions of a view differ. */
package dev.recount.core.diff;
