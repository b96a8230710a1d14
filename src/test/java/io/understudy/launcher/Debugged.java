package io.understudy.launcher;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import io.understudy.launcher.NodeProcesses.Started;
import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;

/** A JVM whose threads can be stopped one by one, as if each were stuck where it is. */
record Debugged(VirtualMachine jvm) implements AutoCloseable {
  /** What such a JVM is started with. */
  static final String OPTION =
      "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0";

  private static final Pattern PORT =
      Pattern.compile("Listening for transport dt_socket at address: (\\d+)");

  static Debugged attach(Started node) throws IOException, IllegalConnectorArgumentsException {
    var port = PORT.matcher(node.said());
    if (!port.find()) {
      throw new AssertionError("it does not listen for a debugger: " + node.said());
    }
    var connector = connector();
    var arguments = connector.defaultArguments();
    arguments.get("hostname").setValue("127.0.0.1");
    arguments.get("port").setValue(port.group(1));
    return new Debugged(connector.attach(arguments));
  }

  private static AttachingConnector connector() {
    return Bootstrap.virtualMachineManager().attachingConnectors().stream()
        .filter(it -> it.name().equals("com.sun.jdi.SocketAttach"))
        .findAny()
        .orElseThrow();
  }

  /** Stops the threads with this in their names; whether there are some, and none runs. */
  boolean suspend(String name) {
    try {
      List<ThreadReference> found =
          jvm.allThreads().stream().filter(thread -> thread.name().contains(name)).toList();
      found.stream().filter(thread -> !thread.isSuspended()).forEach(ThreadReference::suspend);
      return !found.isEmpty() && found.stream().allMatch(ThreadReference::isSuspended);
    } catch (VMDisconnectedException dead) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      jvm.dispose();
    } catch (VMDisconnectedException dead) {
      // It has nothing left to be freed from.
    }
  }
}
