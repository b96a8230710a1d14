package io.understudy.e2e;

import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One {@link Lan} for all tests of a class, which finds it up, healed and without modules. After
 * each test what never may be is looked for. A test that fails leaves its hosts to nobody: the next
 * gets new ones, with a data folder of their own.
 */
final class SharedLan
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  private final String name;
  private final Lan.Plan plan;
  private Optional<Lan> lan = Optional.empty();
  private int made;

  SharedLan(String name, Lan.Plan plan) {
    this.name = name;
    this.plan = plan;
  }

  /** Of the test that runs. */
  Lan lan() {
    return lan.orElseThrow();
  }

  @Override
  public void beforeAll(ExtensionContext tests) {
    Lan.assumePermitted();
    make();
  }

  private void make() {
    made++;
    lan = Optional.of(Lan.up(Fig1.folder(name + (made == 1 ? "" : "-" + made)), plan));
  }

  @Override
  public void beforeEach(ExtensionContext test) {
    if (lan.isEmpty()) {
      make();
    } else {
      lan().heal();
      lan().deregisterAll();
    }
    lan().say("begins: " + test.getDisplayName());
  }

  @Override
  public void afterEach(ExtensionContext test) {
    var failed = test.getExecutionException().isPresent();
    lan().say((failed ? "failed: " : "ends: ") + test.getDisplayName());
    try {
      lan().assertNeverTwoPrimaries();
    } catch (AssertionError e) {
      failed = true;
      throw e;
    } finally {
      if (failed) {
        close();
      }
    }
  }

  @Override
  public void afterAll(ExtensionContext tests) {
    close();
  }

  private void close() {
    var old = lan;
    lan = Optional.empty();
    old.ifPresent(Lan::close);
  }
}
