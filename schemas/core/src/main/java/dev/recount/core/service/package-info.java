/** What all long-running processes have in common. */
package dev.recount.core.service;
