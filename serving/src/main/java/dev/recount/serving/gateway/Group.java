package dev.recount.serving.gateway;

/** A group of an answer: the values it is grouped by, and its merged values. */
record Group(Object[] keys, Object[] merged) {}
