package dev.recount.core.view;

/** How right a merged measure is. */
public enum MeasureClass {
  EXACT("exact"),
  EXACT_BY_PARTS("exact by parts"),
  SKETCH("sketch");

  private final String label;

  MeasureClass(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
