package io.understudy.ocf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * Resource agents in shell, whose resource is a process that leaves its parents and a file that
 * says what it is. They note in a file "log" what they have done.
 */
public final class Agents {
  private static final String AGENT =
      """
      #!/bin/sh
      here=$OCF_RESKEY_folder/$OCF_RESKEY_CRM_meta_on_node
      note() { echo "$OCF_RESKEY_CRM_meta_on_node $*" >>"$OCF_RESKEY_folder/log"; }
      state() { cat "$here.state" 2>/dev/null || echo stopped; }
      become() { echo "$1" >"$here.state"; note "$1"; }
      case $1 in
        meta-data) cat "$0.xml" ;;
        start)
          setsid sleep 600 &
          echo $! >"$here.pid"
          become started
          ;;
        stop)
          note stopping
          [ ! -e "$OCF_RESKEY_folder/stop-fails" ] || { echo "it is stuck"; exit 1; }
          [ ! -e "$here.pid" ] || kill "$(cat "$here.pid")"
          sleep 0.3
          rm -f "$here.pid" "$here.state"
          note stopped
          ;;
        promote) become promoted ;;
        demote) become started ;;
        monitor)
          case $(state) in
            started) exit 0 ;;
            promoted) exit 8 ;;
            *) echo "there is no $here.state"; exit 7 ;;
          esac
          ;;
        *) exit 3 ;;
      esac
      """;

  private static final String META_DATA =
      """
      <?xml version="1.0"?>
      <!DOCTYPE resource-agent SYSTEM "ra-api-1.dtd">
      <resource-agent name="Mark" version="1.0">
      <version>1.1</version>
      <parameters>
      <parameter name="folder" unique="0" required="1"><content type="string"/></parameter>
      <parameter name="extra"><content type="string" default=""/></parameter>
      </parameters>
      <actions>
      <action name="start" timeout="20"/>
      <action name="stop" timeout="15000ms"/>
      <action name="monitor" timeout="5s" interval="500ms" depth="0"/>
      <action name="monitor" timeout="5s" interval="250ms" role="Promoted"/>
      %s
      <action name="meta-data" timeout="5s"/>
      </actions>
      </resource-agent>
      """;

  private static final String PROMOTION =
      """
      <action name="promote" timeout="2min"/>
      <action name="demote" timeout="10s"/>
      """;

  private Agents() {}

  /** Makes ocf:test:Mark, which can be promoted, and ocf:test:Plain, which cannot. */
  public static Path install(Path root) throws IOException {
    var folder = Files.createDirectories(root.resolve("resource.d/test"));
    for (var agent : Map.of("Mark", PROMOTION, "Plain", "").entrySet()) {
      var program = Files.writeString(folder.resolve(agent.getKey()), AGENT);
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.writeString(
          folder.resolve(agent.getKey() + ".xml"), META_DATA.formatted(agent.getValue()));
    }
    return root;
  }
}
