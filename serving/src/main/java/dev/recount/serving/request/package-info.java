/**
 * What every HTTP request goes through before and after the API: it gets an id, is counted while it
 * runs, which lets the process finish what it has begun, and leaves one line in the log of
 * requests.
 */
package dev.recount.serving.request;
