package io.understudy.superwatchdog;

import static java.util.Comparator.comparing;
import static java.util.Comparator.naturalOrder;
import static java.util.stream.Collectors.toSet;

import io.understudy.model.HostId;
import io.understudy.model.Incarnation;
import io.understudy.superwatchdog.Lives.Life;
import io.understudy.superwatchdog.RingBeat.Last;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * What one SuperWatchDog knows, grants and votes (DESIGN.md section 3). A verdict needs a majority,
 * because a majority of grants keeps a host's lease: the two always have a SuperWatchDog in common,
 * which does not do both.
 *
 * <p>A vote can be withdrawn when its subject is heard again; leases are renewed again only after
 * every other SuperWatchDog has confirmed that it no longer counts the vote.
 *
 * <p>Times are readings of one monotonic clock, in nanoseconds, given by the caller.
 *
 * @param since when it began; before that it may have granted what it does not remember
 * @param verdicts final
 */
public record Jury(
    LeaseTerms terms,
    long since,
    Peers peers,
    Lives lives,
    Votes votes,
    PMap<String, Vote> verdicts) {

  /** Some answers may be lost, or on their way. */
  private static final int MANY = 5;

  /** Votes, of which a beat has room for more. */
  private static final int TURN = 400;

  /**
   * A SuperWatchDog that begins.
   *
   * @param seat with a life greater than that of any that was on this node before
   */
  public static Jury begin(Seat seat, LeaseTerms terms, long now) {
    return new Jury(
        terms,
        now,
        Peers.alone(seat),
        Lives.NONE,
        Votes.none(seat.next().last()),
        HashTreePMap.empty());
  }

  /** This SuperWatchDog. */
  public Seat me() {
    return peers.me();
  }

  /** Who the SuperWatchDogs are by the membership, this one included. */
  public Jury electors(Map<HostId, String> members, long now) {
    var next = peers.listed(members, verdicts::containsKey, now);
    if (next.equals(peers)) {
      return this;
    }
    var listening = lives;
    for (String node : next.nodes().minus(me().host()).values()) {
      listening = listening.listenFor(node, now);
    }
    var isSmaller = next.nodes().size() < peers.nodes().size();
    listening = isSmaller && next.mayBeUnknowing() ? listening.allGranted(now) : listening;
    return with(next).with(listening).settled(now);
  }

  /** A host that the ReplicaManager believes alive is to be heard from now on. */
  public Jury expect(String incarnation, long now) {
    return with(lives.listenFor(incarnation, now));
  }

  /**
   * A WatchDog was heard.
   *
   * @param answered the last of its beats that it knows this SuperWatchDog to have answered, by its
   *     own clock; while that is news it hears what it is told
   */
  public Jury heard(String incarnation, OptionalLong answered, long now) {
    return with(lives.heard(incarnation, answered, now));
  }

  /** Whether this one was just heard, and hears. */
  public boolean hears(String subject, long now) {
    @Nullable Life life = lives.of(subject);
    return life != null && life.heardAt() == now;
  }

  /** The nodes that this one listens for, or on which it listens for somebody. */
  public Set<String> judged() {
    return lives.bySubject().keySet().stream().map(Incarnation::nodeOf).collect(toSet());
  }

  /** Whether a majority of the SuperWatchDogs is not silent. */
  public boolean hearsMajority(long now) {
    var heard = lives.heardSince(now - terms.waitNanos());
    var all = living().values();
    var present = all.stream().filter(node -> node.equals(me().node()) || heard.contains(node));
    return 2 * present.count() > all.size();
  }

  /**
   * What a host is granted that asked then: a lease of one among so many. Who is alone for good has
   * no majority to lose, and says that there are none; the last of several does not.
   */
  public HostLease.Grant grant(long askedAt) {
    return me().most() == 1
        ? HostLease.Grant.off(askedAt)
        : new HostLease.Grant(askedAt, peers.nodes().size());
  }

  /** Whether a lease may be renewed. */
  public boolean mayGrant(String incarnation, long now) {
    @Nullable Life life = lives.of(incarnation);
    return life != null
        && !life.outcast()
        && !isDeaf(life, now)
        && !votes.against(incarnation)
        && !votes.mayCount(incarnation)
        && death(incarnation).isEmpty();
  }

  /** A lease that a deaf host would never know of must not be waited for. */
  private boolean isDeaf(Life life, long now) {
    return life.unanswered() >= MANY && now - life.heardAt() >= terms.deafNanos();
  }

  /** A lease was renewed; to be called before the grant is sent. */
  public Jury granted(String incarnation, long now) {
    return with(lives.granted(incarnation, now));
  }

  /**
   * A node is dead for certain, by what this SuperWatchDog itself has found. One that has lost
   * touch with the majority proves nothing: the others may have put it out, and gone on with new
   * ones.
   */
  public Jury proved(String node, String reason, long now) {
    return inTouch(now) ? vote(node, Vote.certain(reason), now).settled(now) : this;
  }

  private boolean inTouch(long now) {
    var then = now - terms.waitNanos();
    var all = peers.nodes().values();
    var present =
        all.stream().filter(node -> node.equals(me().node()) || lives.spokeSince(node, then));
    return 2 * present.count() > all.size();
  }

  /** A node said goodbye, after all that ran on it. */
  public Jury departed(String node, String reason) {
    return judged(node, Vote.certain(reason));
  }

  /** The cluster put a node out; its leases are left to run out. */
  public Jury putOut(String node) {
    return with(lives.putOut(node));
  }

  /** This SuperWatchDog was itself paused until now: it accuses nobody for that time. */
  public Jury paused(Duration pause, long now) {
    return with(lives.forgiven(pause.toNanos(), now));
  }

  /** Another SuperWatchDog speaks; what it said before is void, and so is what comes late. */
  public Jury heard(RingBeat beat, long now) {
    if (!peers.isNews(beat)) {
      return this;
    }
    var listening = lives.heard(beat.node(), now);
    for (var vote : beat.votes().entrySet()) {
      var isOther = !vote.getValue().isCertain() && !vote.getKey().equals(me().node());
      // Never heard here since this began, so nothing was granted since either.
      listening = isOther ? listening.listenFor(vote.getKey(), since) : listening;
    }
    return with(peers.heard(beat)).with(listening).settled(now);
  }

  /** Whether another, which speaks, has missed what this one said last and the time before. */
  public boolean isMissedBy(RingBeat beat) {
    @Nullable Last heard = beat.heard().get(me().host());
    return me().sequence() > 2
        && (heard == null || !heard.covers(new Last(me().life(), me().sequence() - 2)));
  }

  /**
   * Time has passed.
   *
   * @param suspected whether a subject's silence is longer than its rhythm explains
   */
  public Jury look(long now, Predicate<String> suspected) {
    var next = this;
    for (var entry : lives.bySubject().entrySet()) {
      var subject = entry.getKey();
      var silent = now - entry.getValue().heardAt();
      var unheard = silent >= terms.waitNanos() && suspected.test(subject);
      if (expired(entry.getValue(), now) && (unheard || entry.getValue().outcast())) {
        next = next.vote(subject, Vote.suspected(reason(entry.getValue(), silent)), now);
      }
    }
    return next.withdraw().settled(now);
  }

  boolean expired(Life life, long now) {
    return now - life.grantedAt() >= terms.waitNanos();
  }

  private static String reason(Life life, long silent) {
    return life.outcast()
        ? "its node was put out of the cluster, and its lease has run out"
        : "silent for %d ms, and its lease has run out".formatted(silent / 1_000_000);
  }

  /** Whoever is heard after a vote against it has been wronged. */
  private Jury withdraw() {
    var next = this;
    for (var own : votes.cast().entrySet()) {
      var subject = own.getKey();
      if (!verdicts.containsKey(subject) && heardSince(subject, own.getValue().at())) {
        next = next.with(next.votes.minus(subject, me().next().last()));
      }
    }
    return next;
  }

  private boolean heardSince(String subject, long at) {
    return Stream.concat(Stream.of(subject), lives.on(subject))
        .map(lives::of)
        .anyMatch(life -> life != null && !life.outcast() && life.heardAt() - at > 0);
  }

  /** Its next heartbeat to the others: send {@link #beat} of what this returns. */
  public Jury spoken(long now) {
    return with(peers.spoken()).settled(now);
  }

  public RingBeat beat() {
    return new RingBeat(
        me().host(), me().node(), me().life(), me().sequence(), ordered(said()), peers.heard());
  }

  /** Whether its votes are other than what it said last. */
  public boolean hasNews(RingBeat said) {
    return !said().equals(said.votes());
  }

  /**
   * What comes last may not fit into a beat: every other one begins with the votes that this one
   * needs answered, the rest, in turn, with those that others may need to come so far.
   */
  private Map<String, Vote> ordered(Map<String, Vote> said) {
    var subjects = new ArrayList<>(said.keySet());
    subjects.sort(naturalOrder());
    if (me().sequence() % 2 != 0) {
      subjects.sort(comparing(verdicts::containsKey));
    } else if (!subjects.isEmpty()) {
      Collections.rotate(subjects, (int) (me().sequence() / 2 * TURN % subjects.size()));
    }
    // Nobody judges together with a SuperWatchDog that he accuses, so that is never left out.
    subjects.sort(comparing(subject -> !peers.nodes().containsValue(subject)));
    var ordered = new LinkedHashMap<String, Vote>();
    for (var subject : subjects) {
      ordered.put(subject, said.get(subject));
    }
    return ordered;
  }

  /** Its votes that count, by subject. */
  Map<String, Vote> said() {
    if (votes.cast().isEmpty()) {
      return Map.of(); // as it is all the time, and each heartbeat asks
    }
    var said = new HashMap<String, Vote>();
    var estranged = isEstranged();
    votes
        .cast()
        .forEach(
            (subject, own) -> {
              if (!estranged || own.vote().isCertain()) {
                said.put(subject, own.vote());
              }
            });
    return said;
  }

  /**
   * Whether others may have gone on without a SuperWatchDog because of a vote that this one has
   * taken back, and, where they are enough for that, without this one since. Until they have heard
   * so it suspects nobody: with those whom they left behind it would make a second majority.
   */
  private boolean isEstranged() {
    var rest = living().minusAll(peers.among(votes::isWithdrawn));
    var unaware = rest.keySet().stream().filter(host -> !host.equals(me().host()) && !knows(host));
    return rest.size() < living().size() && 2 * unaware.count() > rest.size();
  }

  private boolean knows(HostId host) {
    return votes.knownBy(last -> peers.has(host, last), peers.nodes()::containsValue);
  }

  /**
   * How an incarnation or a node is known to be dead, if it is. That its node is dead for certain
   * stays so when its lease is over, too, which is when it would be suspected: what ends with a
   * dead process may take longer than what a living one has to stop by then.
   */
  public Optional<Vote> death(String subject) {
    @Nullable Vote ofNode = verdicts.get(Incarnation.nodeOf(subject));
    return Optional.ofNullable(ofNode)
        .filter(Vote::isCertain)
        .or(() -> Optional.ofNullable(verdicts.get(subject)));
  }

  /** Whether nobody is accused, and nobody has been silent for so long. */
  public boolean isQuiet(Duration silence, long now) {
    return votes.cast().isEmpty()
        && peers.accused().isEmpty()
        && lives.bySubject().values().stream()
            .allMatch(life -> now - life.heardAt() < silence.toNanos());
  }

  /** Whether some, but not enough, hold it for dead. */
  public boolean accused(String subject) {
    return votes.against(subject) || peers.accuse(subject);
  }

  /**
   * Forgets whoever is not wanted any more. A verdict stays while another still votes for it, or
   * this one still listens for somebody there, which would have it reached again.
   */
  public Jury keeping(Predicate<String> others) {
    Predicate<String> wanted =
        subject -> others.test(subject) || peers.nodes().containsValue(Incarnation.nodeOf(subject));
    var left = lives.keeping(wanted);
    var past =
        verdicts.keySet().stream()
            .filter(subject -> !wanted.test(subject) && !peers.accuse(subject))
            .filter(subject -> left.on(Incarnation.nodeOf(subject)).findAny().isEmpty())
            .toList();
    return with(left).with(votes.keeping(wanted)).withVerdicts(verdicts.minusAll(past));
  }

  /**
   * After a verdict too: a SuperWatchDog that began after it may need the vote to reach its own.
   * Against its own node it has none: what is silent there is as slow as itself, and a stuck one
   * the guard kills.
   */
  private Jury vote(String subject, Vote vote, long now) {
    return isOwn(subject) ? this : with(votes.plus(subject, vote, now));
  }

  private boolean isOwn(String subject) {
    return Incarnation.nodeOf(subject).equals(me().node());
  }

  /** Reaches what verdicts it can, and leaves behind what all others have confirmed. */
  private Jury settled(long now) {
    var next = this;
    var subjects = peers.accused();
    subjects.addAll(votes.cast().keySet());
    subjects.removeIf(subject -> verdicts.containsKey(subject) || !concerns(subject));
    if (!subjects.isEmpty()) {
      var tally = new Tally(this, now);
      for (String subject : subjects) {
        var reached = tally.verdict(subject);
        next = reached.isPresent() ? next.judged(subject, reached.get()) : next;
      }
    }
    return next.confirmed(now);
  }

  /** Whether it is anybody whom this one listens for, or knows by a vote of its own. */
  boolean concerns(String subject) {
    return votes.has(subject)
        || lives.knows(subject)
        || lives.on(Incarnation.nodeOf(subject)).findAny().isPresent();
  }

  /** The SuperWatchDogs without those that this one has found dead for certain. */
  PMap<HostId, String> living() {
    return peers.nodes().minusAll(peers.among(votes::hasCertain));
  }

  private Jury judged(String subject, Vote verdict) {
    return withVerdicts(verdicts.plus(subject, verdict));
  }

  private Jury confirmed(long now) {
    // Whoever was dropped of late may still count what it heard last.
    return peers.shrunkSince(now - terms.waitNanos())
        ? this
        : with(votes.confirmed(peers::allHave));
  }

  private Jury with(Peers next) {
    return new Jury(terms, since, next, lives, votes, verdicts);
  }

  private Jury with(Lives next) {
    return new Jury(terms, since, peers, next, votes, verdicts);
  }

  private Jury with(Votes next) {
    return new Jury(terms, since, peers, lives, next, verdicts);
  }

  private Jury withVerdicts(PMap<String, Vote> next) {
    return new Jury(terms, since, peers, lives, votes, next);
  }
}
