package io.understudy.ocf;

import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * What an agent says about itself.
 *
 * @param parameters their names
 * @param required those without which it does not work
 */
record MetaData(List<Action> actions, Set<String> parameters, Set<String> required) {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private static final Pattern TIME = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)\\s*([a-z]*)");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "ms", Duration.ofMillis(1),
          "msec", Duration.ofMillis(1),
          "", Duration.ofSeconds(1),
          "s", Duration.ofSeconds(1),
          "sec", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "min", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "hr", Duration.ofHours(1));

  /**
   * One that it offers.
   *
   * @param promoted whether it is for a promoted resource alone
   */
  record Action(String name, boolean promoted, Duration timeout, Duration interval) {}

  /** From the XML that its action {@code meta-data} prints. */
  static MetaData parse(AgentName agent, String xml) {
    try {
      var root = document(xml);
      var actions = new ArrayList<Action>();
      for (var action : all(root, "action")) {
        actions.add(
            new Action(
                action.getAttribute("name"),
                Set.of("Promoted", "Master").contains(action.getAttribute("role")),
                time(action.getAttribute("timeout"), TIMEOUT),
                time(action.getAttribute("interval"), INTERVAL)));
      }
      var parameters = new TreeSet<String>();
      var required = new TreeSet<String>();
      for (var parameter : all(root, "parameter")) {
        var name = parameter.getAttribute("name");
        parameters.add(name);
        if (Set.of("1", "true").contains(parameter.getAttribute("required"))) {
          required.add(name);
        }
      }
      return new MetaData(List.copyOf(actions), parameters, required);
    } catch (IOException | SAXException | ParserConfigurationException e) {
      throw new ResourceFailed(
          "resource agent %s: its meta-data is not what it should be: %s"
              .formatted(agent, e.getMessage()));
    }
  }

  /** Without the document type that agents name, which lies nowhere. */
  private static Element document(String xml)
      throws IOException, SAXException, ParserConfigurationException {
    var factory = DocumentBuilderFactory.newDefaultInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    factory.setFeature("http://xml.org/sax/features/external-general-entities", false);
    factory.setFeature("http://xml.org/sax/features/external-parameter-entities", false);
    factory.setExpandEntityReferences(false);
    var builder = factory.newDocumentBuilder();
    builder.setErrorHandler(null); // which would print; it throws all the same
    return builder.parse(new InputSource(new StringReader(xml))).getDocumentElement();
  }

  private static List<Element> all(Element root, String tag) {
    var nodes = root.getElementsByTagName(tag);
    var elements = new ArrayList<Element>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  /** A number of seconds, or with a unit; what is neither, or nothing at all, is as usual. */
  private static Duration time(String text, Duration usual) {
    var match = TIME.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!match.matches() || !UNITS.containsKey(match.group(2))) {
      return usual;
    }
    var millis = UNITS.get(match.group(2)).toMillis() * Double.parseDouble(match.group(1));
    var time = Duration.ofMillis(Math.round(millis));
    return time.isZero() ? usual : time;
  }

  boolean promotable() {
    return actions.stream().anyMatch(action -> action.name().equals("promote"));
  }

  /** How long an action may take. */
  Duration timeout(String name) {
    return actions.stream()
        .filter(action -> action.name().equals(name))
        .map(Action::timeout)
        .max(Duration::compareTo)
        .orElse(TIMEOUT);
  }

  /** From one look at the resource to the next. */
  Duration interval(boolean promoted) {
    return actions.stream()
        .filter(action -> action.name().equals("monitor"))
        .filter(action -> action.promoted() == promoted)
        .map(Action::interval)
        .min(Duration::compareTo)
        .orElse(INTERVAL);
  }

  /** Refuses parameters that it does not know, and none where it needs one. */
  void check(AgentName agent, Map<String, String> given) {
    for (var name : given.keySet()) {
      if (!parameters.contains(name)) {
        throw new ResourceFailed(
            "resource agent %s has no parameter %s; it has %s"
                .formatted(agent, name, parameters.isEmpty() ? "none" : list(parameters)));
      }
    }
    var missing = new TreeSet<>(required);
    missing.removeIf(name -> !given.getOrDefault(name, "").isEmpty());
    if (!missing.isEmpty()) {
      throw new ResourceFailed(
          "resource agent %s needs %s; add NAME=VALUE to the copy's arguments"
              .formatted(agent, list(missing)));
    }
  }

  private static String list(Set<String> names) {
    return String.join(", ", names);
  }
}
