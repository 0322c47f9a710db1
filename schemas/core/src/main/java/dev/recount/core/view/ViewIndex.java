package dev.recount.core.view;

/** An index that a view asks for by {@code -- @index COLUMN KIND}. */
public record ViewIndex(String column, IndexKind kind) {
  /** As in the header: {@code column kind}. */
  public String describe() {
    return column + " " + kind.label();
  }
}
