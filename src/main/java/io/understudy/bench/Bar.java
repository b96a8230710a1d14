package io.understudy.bench;

/**
 * What the project promises of a measurement, in its unit.
 *
 * @param median at most; infinite when nothing is promised of it
 * @param p99 at most; infinite when nothing is promised of it
 * @param least of the median; negative infinity when nothing is promised of it
 */
record Bar(double median, double p99, double least) {
  static final Bar NONE = new Bar(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

  Bar(double median, double p99) {
    this(median, p99, Double.NEGATIVE_INFINITY);
  }

  static Bar of(double most) {
    return new Bar(most, Double.POSITIVE_INFINITY);
  }

  static Bar atLeast(double least) {
    return new Bar(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, least);
  }

  boolean isNone() {
    return equals(NONE);
  }

  /** Whether more is better. */
  boolean isLower() {
    return least > Double.NEGATIVE_INFINITY;
  }

  boolean isMet(Measurement measured) {
    var middle = measured.median();
    return middle <= median && middle >= least && measured.p99() <= p99;
  }

  String text() {
    if (isNone()) {
      return "";
    }
    if (isLower()) {
      return ">= %.0f".formatted(least);
    }
    return Double.isInfinite(p99)
        ? "<= %.0f".formatted(median)
        : "<= %.0f / %.0f".formatted(median, p99);
  }
}
