package io.understudy.ocf;

/** The copy ends, with this as its reason in one line. */
final class ResourceFailed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ResourceFailed(String reason) {
    super(reason, null, false, false);
  }
}
