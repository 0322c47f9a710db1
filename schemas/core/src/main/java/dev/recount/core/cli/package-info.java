/** What all commands share: the home, the ports, the form of errors. */
package dev.recount.core.cli;
