package io.understudy.bench;

/**
 * What the project promises of a measurement, in its unit.
 *
 * @param median infinite when nothing is promised of it
 * @param p99 infinite when nothing is promised of it
 */
record Bar(double median, double p99) {
  static final Bar NONE = new Bar(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

  static Bar of(double most) {
    return new Bar(most, Double.POSITIVE_INFINITY);
  }

  boolean isNone() {
    return equals(NONE);
  }

  boolean isMet(Measurement measured) {
    return measured.median() <= median && measured.p99() <= p99;
  }

  String text() {
    if (isNone()) {
      return "";
    }
    return Double.isInfinite(p99) ? "%.0f".formatted(median) : "%.0f / %.0f".formatted(median, p99);
  }
}
