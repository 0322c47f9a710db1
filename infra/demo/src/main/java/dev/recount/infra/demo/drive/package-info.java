/** What drives Recount from outside: its commands, and generated traffic. */
package dev.recount.infra.demo.drive;
