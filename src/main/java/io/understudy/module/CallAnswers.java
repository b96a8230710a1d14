package io.understudy.module;

import java.util.List;

/** What became of some requests, of one {@link ModuleCall} or of several. */
public record CallAnswers(List<CallAnswer> answers) {
  public CallAnswers {
    answers = List.copyOf(answers);
  }
}
