package io.understudy.management;

import java.util.Map;

/** Carries a {@link Problem} to the one place that answers with it. */
final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  private final transient Map<String, String> headers;

  ProblemException(Problem problem, Map<String, String> headers) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
    this.headers = Map.copyOf(headers);
  }

  Answer answer() {
    return headers.entrySet().stream()
        .reduce(
            problem.answer(),
            (answer, header) -> answer.with(header.getKey(), header.getValue()),
            (one, other) -> one);
  }

  Problem problem() {
    return problem;
  }
}
