/** What Prometheus reads: how requests go, how fresh answers are, what runs and audits found. */
package dev.recount.serving.metrics;
