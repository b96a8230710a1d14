package io.understudy;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may import whom, and what the pure packages stay away from. */
@Execution(ExecutionMode.CONCURRENT)
class ArchitectureTest {
  private static final String ROOT = "io.understudy.";

  private static final List<String> ALL =
      List.of(
          "model",
          "table",
          "state",
          "wire",
          "checkpoint",
          "module",
          "watchdog",
          "superwatchdog",
          "manager",
          "client",
          "management",
          "example",
          "ocf",
          "bench",
          "simulation",
          "launcher");

  /** Each package and what it may import of the others. A new package needs a row. */
  private static final Map<String, Set<String>> MAY_IMPORT =
      Map.ofEntries(
          entry("model", Set.of()),
          entry("table", Set.of("model")),
          entry("state", Set.of("model")),
          entry("wire", Set.of("model", "table")),
          entry("checkpoint", Set.of("model", "state")),
          entry("module", Set.of("model", "state", "wire")),
          entry("watchdog", Set.of("model", "state", "checkpoint", "module", "wire")),
          entry("superwatchdog", Set.of("model", "watchdog", "wire")),
          entry(
              "manager",
              Set.of("model", "table", "checkpoint", "watchdog", "superwatchdog", "wire")),
          entry("client", Set.of("model", "state", "module", "manager", "wire")),
          entry(
              "management",
              allBut("management", "example", "ocf", "bench", "simulation", "launcher")),
          entry("example", Set.of("client", "module", "model")),
          entry("ocf", Set.of("module", "model")),
          entry("bench", allBut("bench", "simulation", "launcher")),
          entry("simulation", Set.of("model", "table", "watchdog", "superwatchdog", "manager")),
          entry("launcher", allBut("simulation", "launcher")));

  private static final String[] PURE = {ROOT + "model..", ROOT + "table..", ROOT + "state.."};

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.understudy");

  private static Set<String> allBut(String... excluded) {
    return ALL.stream().filter(name -> !Set.of(excluded).contains(name)).collect(toSet());
  }

  static Stream<String> packages() {
    return MAY_IMPORT.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("packages")
  void importsOnlyWhatItsRowAllows(String name) {
    String[] forbidden =
        MAY_IMPORT.keySet().stream()
            .filter(other -> !other.equals(name) && !MAY_IMPORT.get(name).contains(other))
            .map(other -> ROOT + other + "..")
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(ROOT + name + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden)
        .because(name + " may import only " + MAY_IMPORT.get(name))
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void everyClassIsInAPackageOfTheTable() {
    classes()
        .should()
        .resideInAnyPackage(packages().map(name -> ROOT + name + "..").toArray(String[]::new))
        .check(MAIN);
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching(ROOT + "(*)..").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void purePackagesNeitherSendNorLog() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.pekko..", "org.slf4j..", "java.util.logging..")
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void purePackagesHaveNoClockAndNoRandomness() {
    noClasses()
        .that()
        .resideInAnyPackage(PURE)
        .should()
        .callMethodWhere(describe("reads a clock or makes up an id", ArchitectureTest::isImpure))
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(
            Random.class,
            SecureRandom.class,
            ThreadLocalRandom.class,
            RandomGenerator.class,
            Clock.class)
        .because("time and chance arrive as arguments")
        .allowEmptyShould(true)
        .check(MAIN);
  }

  private static boolean isImpure(JavaMethodCall call) {
    AccessTarget.MethodCallTarget target = call.getTarget();
    boolean now =
        target.getName().equals("now") && resideInAPackage("java.time..").test(target.getOwner());
    return now
        || Set.of("randomUUID", "currentTimeMillis", "nanoTime", "random")
            .contains(target.getName());
  }

  @Test
  void classesThatDecideOrEvolveNeverSeePekko() {
    DescribedPredicate<JavaClass> decides =
        describe(
            "have decide or evolve",
            type ->
                type.getMethods().stream()
                    .anyMatch(method -> Set.of("decide", "evolve").contains(method.getName())));
    noClasses()
        .that(decides)
        .should()
        .dependOnClassesThat(resideInAnyPackage("org.apache.pekko.."))
        .allowEmptyShould(true)
        .check(MAIN);
  }

  @Test
  void everyPackageIsNullMarked() {
    Set<String> unmarked =
        MAIN.stream()
            .map(JavaClass::getPackage)
            .filter(it -> !it.isAnnotatedWith(NullMarked.class))
            .map(JavaPackage::getName)
            .collect(toSet());
    assertThat(unmarked).as("packages without @NullMarked in package-info.java").isEmpty();
  }
}
