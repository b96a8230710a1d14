package io.understudy.state;

import io.understudy.model.CopyId;
import io.understudy.model.StateGroup.Member;
import io.understudy.state.PeerMessage.Append;
import io.understudy.state.PeerMessage.Appended;
import io.understudy.state.PeerMessage.Behind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How far a sequencer is with one other member. It changes within a turn only, which works on a
 * copy.
 */
final class Feed {
  private static final Duration SIGN_OF_LIFE = Duration.ofMillis(100);

  final CopyId copy;
  final long run;
  boolean inSync;
  boolean joining; // asked for in this configuration: it may be in sync any moment
  private boolean probed; // it has been asked in this epoch what it has
  boolean streaming; // its log is known to go on from `sent`, but for what was lost
  Optional<Position> offered = Optional.empty();
  long matched; // its log is the sequencer's up to here, for certain
  long sent;
  private long first; // the ends of at most two batches that are not acknowledged; 0 for none
  private long second;
  long echoed;
  private long roundSent;
  private long commitSent;
  Duration heard;
  private Duration sentAt;
  private Duration levelAt; // ASYNC: when it was last sent all there was
  Optional<Duration> reported = Optional.empty();

  Feed(Member member, Duration now) {
    copy = member.copy();
    run = member.run();
    inSync = member.inSync();
    heard = now;
    sentAt = now.minus(SIGN_OF_LIFE);
    levelAt = now.minusDays(1);
  }

  Feed(Feed other) {
    copy = other.copy;
    run = other.run;
    inSync = other.inSync;
    joining = other.joining;
    probed = other.probed;
    streaming = other.streaming;
    offered = other.offered;
    matched = other.matched;
    sent = other.sent;
    first = other.first;
    second = other.second;
    echoed = other.echoed;
    roundSent = other.roundSent;
    commitSent = other.commitSent;
    heard = other.heard;
    sentAt = other.sentAt;
    levelAt = other.levelAt;
    reported = other.reported;
  }

  /** Whether nothing is committed without it. */
  boolean counts() {
    return inSync || joining;
  }

  /** Up to where it will never need the log again. */
  long passed() {
    return Math.max(matched, offered.map(Position::sequence).orElse(0L));
  }

  boolean level() {
    return first == 0;
  }

  void acknowledged(Turn turn, Appended message) {
    var end = message.end();
    if (!turn.log.contains(end) && end.sequence() >= turn.log.base().sequence()) {
      return;
    }
    if (end.sequence() > matched || end.sequence() >= sent) {
      heard = turn.now;
    }
    matched = Math.max(matched, end.sequence());
    sent = streaming ? Math.max(sent, matched) : matched;
    streaming = true;
    offered = Optional.empty();
    echoed = Math.max(echoed, message.round());
    if (matched >= second) {
      first = 0;
      second = 0;
    } else if (matched >= first) {
      first = second;
      second = 0;
    }
  }

  /** It goes on from the last position that both logs have, or from a snapshot. */
  void behind(Turn turn, Behind message) {
    var common = turn.log.lineage().common(message.lineage());
    if (common.isPresent()) {
      streaming = true;
      offered = Optional.empty();
      rewind(Math.max(common.get().sequence(), matched));
    } else {
      offer(turn);
    }
  }

  /** What it lacks, as much as may be under way, and what it must know. */
  void flush(Turn turn, Duration interval, long round) {
    if (!streaming) {
      if (!probed) {
        sign(turn, round);
      }
      return;
    }
    if (sent < turn.log.base().sequence()) {
      offer(turn);
      return;
    }
    var due = !inSync || turn.now.minus(levelAt).compareTo(interval) >= 0;
    while (due && sent < turn.log.last() && second == 0) {
      append(turn, round);
    }
    var notice = turn.hot() && commitSent < Math.min(turn.commit, sent) && second == 0;
    if (notice || (counts() && roundSent < round)) {
      sign(turn, round);
    }
  }

  private void append(Turn turn, long round) {
    var log = turn.log;
    var batch = log.slice(sent, log.last(), Source.MOST_UPDATES, Source.MOST_BYTES);
    turn.send(copy, new Append(turn.sender(), log.at(sent), batch, turn.commit, round));
    sent += batch.size();
    if (first == 0) {
      first = sent;
      second = 0;
    } else {
      second = sent;
    }
    if (sent == log.last()) {
      levelAt = turn.now;
    }
    sent(turn, round);
  }

  /** An empty Append: a sign of life, a round, what is committed; and it shows what was lost. */
  void sign(Turn turn, long round) {
    var log = turn.log;
    var previous = streaming && sent >= log.base().sequence() ? log.at(sent) : log.end();
    turn.send(copy, new Append(turn.sender(), previous, List.of(), turn.commit, round));
    sent(turn, round);
  }

  private void sent(Turn turn, long round) {
    probed = true;
    roundSent = round;
    commitSent = Math.min(turn.commit, sent);
    sentAt = turn.now;
  }

  void tick(Turn turn, long round) {
    if (turn.now.minus(sentAt).compareTo(SIGN_OF_LIFE) >= 0) {
      sign(turn, round);
    }
  }

  /** In a new epoch what it has is to be found out again. */
  void renew(Turn turn) {
    probed = false;
    streaming = false;
    offered = Optional.empty();
    matched = 0;
    echoed = 0;
    roundSent = 0;
    rewind(0);
    heard = turn.now;
    reported = Optional.empty();
  }

  private void rewind(long to) {
    sent = to;
    first = 0;
    second = 0;
  }

  private void offer(Turn turn) {
    streaming = false;
    rewind(matched);
    offered = Optional.of(Source.offer(turn, copy));
    sentAt = turn.now;
  }
}
