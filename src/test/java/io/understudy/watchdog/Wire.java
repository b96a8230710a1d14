package io.understudy.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Sends bytes that no HTTP client would, to a port of this machine. */
record Wire(int port) {
  /** The reason of the refusal, which has to have this status. */
  String refused(int status, String request) throws IOException {
    var answer = answer(request);
    assertThat(answer).startsWith("HTTP/1.1 " + status);
    assertThat(answer).contains("Content-Type: application/problem+json");
    var body = Speaker.json(answer.substring(answer.indexOf("\r\n\r\n")));
    assertThat(body.get("status").asInt()).isEqualTo(status);
    assertThat(body.get("title").asText()).isNotEmpty();
    assertThat(body.get("detail").asText()).doesNotContain("\n");
    return body.get("detail").asText();
  }

  /** Up to the end of its body. */
  private String answer(String request) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) Rig.LONG.toMillis());
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      var in = socket.getInputStream();
      var answer = new StringBuilder();
      for (int next = in.read(); next >= 0; next = in.read()) {
        answer.append((char) next);
        if (next == '}' && answer.indexOf("\r\n\r\n") > 0) {
          break;
        }
      }
      return answer.toString();
    }
  }
}
