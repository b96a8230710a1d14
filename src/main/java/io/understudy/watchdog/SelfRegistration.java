package io.understudy.watchdog;

import java.util.concurrent.CompletionStage;

/** Registers a module on behalf of a process that runs already ([0010]); wired by the launcher. */
@FunctionalInterface
public interface SelfRegistration {
  /**
   * Hands a registration to the ReplicaManager.
   *
   * @param token as the caller gave it; this decides whether it is the operator's
   * @param pid the caller's own process
   * @param moduleFile HOCON or JSON
   */
  CompletionStage<Answer> register(String token, long pid, String moduleFile);

  /**
   * An HTTP answer; a status below 300 means that the adoption has been ordered.
   *
   * @param body problem+json unless accepted
   */
  record Answer(int status, String body) {}
}
