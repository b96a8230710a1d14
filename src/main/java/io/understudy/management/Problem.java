package io.understudy.management;

import java.util.List;

/**
 * An error as RFC 9457 writes it.
 *
 * @param detail the subject, the values and the remedy
 * @param members what is known of the cluster, for errors that come of its state
 */
record Problem(String title, int status, String detail, List<String> members) {
  Problem {
    members = List.copyOf(members);
  }

  Answer answer() {
    return Answer.whole(status, Answer.PROBLEM, Answer.bytes(this));
  }

  private ProblemException raised() {
    return new ProblemException(this);
  }

  static ProblemException of(int status, String title, String detail) {
    return new Problem(title, status, detail, List.of()).raised();
  }

  static ProblemException badRequest(String detail) {
    return of(400, "The request cannot be read", detail);
  }

  static ProblemException unauthorized(String detail) {
    return of(401, "The operator token is missing or wrong", detail);
  }

  static ProblemException notFound(String detail) {
    return of(404, "Not found", detail);
  }

  static ProblemException methodNotAllowed(String detail) {
    return of(405, "The method is not allowed here", detail);
  }

  static ProblemException tooLarge(String detail) {
    return of(413, "The body is too large", detail);
  }

  static ProblemException refused(String detail) {
    return of(422, "Refused, and nothing was changed", detail);
  }

  static ProblemException unavailable(String detail, List<String> members) {
    return new Problem("Not available at the moment", 503, detail, members).raised();
  }
}
