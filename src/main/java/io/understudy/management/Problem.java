package io.understudy.management;

import io.understudy.wire.RequestBody;
import java.util.List;
import java.util.Map;

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
    return new ProblemException(this, Map.of());
  }

  static ProblemException of(int status, String title, String detail) {
    return new Problem(title, status, detail, List.of()).raised();
  }

  static ProblemException badRequest(String detail) {
    return of(400, "The request cannot be read", detail);
  }

  static ProblemException unauthorized(String detail) {
    return new ProblemException(
        new Problem("The operator token is missing or wrong", 401, detail, List.of()),
        Map.of("WWW-Authenticate", "Bearer realm=\"understudy\""));
  }

  static ProblemException notFound(String detail) {
    return of(404, "Not found", detail);
  }

  /**
   * The method is none of these.
   *
   * @param allowed as the header Allow names them
   */
  static ProblemException methodNotAllowed(String detail, String allowed) {
    return new ProblemException(
        new Problem("The method is not allowed here", 405, detail, List.of()),
        Map.of("Allow", allowed));
  }

  static ProblemException unreadable(RequestBody.Unreadable body) {
    return of(body.status(), "The body cannot be read", body.reason());
  }

  static ProblemException conflict(String detail) {
    return of(409, "Not possible now, and nothing was changed", detail);
  }

  static ProblemException refused(String detail) {
    return of(422, "Refused, and nothing was changed", detail);
  }

  static ProblemException unavailable(String detail, List<String> members) {
    return new Problem("Not available at the moment", 503, detail, members).raised();
  }
}
