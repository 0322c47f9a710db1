/**
 * Everything at once, as a user would do it: the demo, its traffic, the end-to-end and fault tests,
 * and the benchmark. Uses the public commands and endpoints only.
 */
package dev.recount.infra.demo;
