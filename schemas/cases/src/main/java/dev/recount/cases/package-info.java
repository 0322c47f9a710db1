/**
 * Runs the tests of views: each case through the programs of both layers and the merge of the
 * gateway, for every position of the cut, without a server.
 */
package dev.recount.cases;
