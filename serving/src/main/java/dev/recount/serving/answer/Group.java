package dev.recount.serving.answer;

/** A group of an answer: the values it is grouped by, and its merged values. */
public record Group(Object[] keys, Object[] merged) {}
