/** Who may do what: roles, grants and the keys that prove who someone is. */
package dev.recount.core.access;
