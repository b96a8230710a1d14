package io.understudy.launcher;

/** Where the operator token is looked for. */
final class TokenSource {
  static final String ENVIRONMENT = "UNDERSTUDY_OPERATOR_TOKEN";
  static final String FILE = "operator.token";

  private TokenSource() {}
}
