package io.understudy.state;

/**
 * What a client calls one of its requests, so that a repeated one takes effect once.
 *
 * <p>A client has one request at a time under one name, and gives the next one a higher number: the
 * log keeps the last reply of each client. Who wants several at a time uses several names.
 *
 * @param client unique among the clients of the module, also over restarts of the client
 * @param number rises, from 1 or more
 */
public record RequestId(String client, long number) {
  @Override
  public String toString() {
    return client + "#" + number;
  }
}
