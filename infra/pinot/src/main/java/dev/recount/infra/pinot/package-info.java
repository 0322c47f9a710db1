/** Pinot's servers, and the ZooKeeper they share, as processes of the local stack. */
package dev.recount.infra.pinot;
