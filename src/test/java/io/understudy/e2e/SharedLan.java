package io.understudy.e2e;

import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * One {@link Lan} for tests in a row that ask for the same plan, also of several classes: each
 * finds it up, healed and without modules. After each test what never may be is looked for. A test
 * that fails leaves its hosts to nobody: the next gets new ones, with a data folder of their own.
 */
final class SharedLan
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  /** What there is from the first test to the last. */
  private static final class Present implements AutoCloseable {
    private Optional<Lan> lan = Optional.empty();
    private Optional<Lan.Plan> plan = Optional.empty();
    private int made;

    Lan of(Lan.Plan wanted) {
      if (plan.equals(Optional.of(wanted))) {
        lan.orElseThrow().heal();
        lan.orElseThrow().deregisterAll();
      } else {
        close();
        made++;
        lan = Optional.of(Lan.up(Fig1.folder("lan-" + made), wanted));
        plan = Optional.of(wanted);
      }
      return lan.orElseThrow();
    }

    @Override
    public void close() {
      var old = lan;
      lan = Optional.empty();
      plan = Optional.empty();
      old.ifPresent(Lan::close);
    }
  }

  private final boolean kept;
  private Present present = new Present();
  private String test = "";

  /** Whose hosts end with the class: they take a fifth of the processors even at rest. */
  SharedLan() {
    this(false);
  }

  private SharedLan(boolean kept) {
    this.kept = kept;
  }

  /** Whose hosts stay up for the next class, which asks for the same plan. */
  static SharedLan kept() {
    return new SharedLan(true);
  }

  /** For the test that runs. */
  Lan up(Lan.Plan plan) {
    var lan = present.of(plan);
    lan.say("begins: " + test);
    return lan;
  }

  @Override
  public void beforeAll(ExtensionContext tests) {
    Lan.assumePermitted();
    present =
        tests
            .getRoot()
            .getStore(Namespace.create(SharedLan.class))
            .getOrComputeIfAbsent(Present.class, first -> new Present(), Present.class);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    test = context.getDisplayName();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (present.lan.isEmpty()) {
      return;
    }
    var lan = present.lan.get();
    var failed = context.getExecutionException().isPresent();
    lan.say((failed ? "failed: " : "ends: ") + test);
    try {
      lan.assertNeverTwoPrimaries();
    } catch (AssertionError e) {
      failed = true;
      throw e;
    } finally {
      if (failed) {
        present.close();
      }
    }
  }

  @Override
  public void afterAll(ExtensionContext tests) {
    if (!kept) {
      present.close();
    }
  }
}
