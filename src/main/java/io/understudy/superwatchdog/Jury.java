package io.understudy.superwatchdog;

import static java.util.stream.Collectors.toSet;

import io.understudy.model.HostId;
import io.understudy.model.Incarnation;
import io.understudy.superwatchdog.Lives.Life;
import io.understudy.superwatchdog.RingBeat.Last;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
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
 * @param me this SuperWatchDog's node, life, and the number of its last beat
 * @param since when it began; before that it may have granted what it does not remember
 * @param electors the nodes of all SuperWatchDogs, by host
 * @param votes its own, by subject
 * @param withdrawn the first of its beats that is without a vote it once had, by subject
 * @param verdicts final
 * @param others the last beat of each other SuperWatchDog
 * @param shrunkAt when the last of the electors was dropped
 */
public record Jury(
    Seat me,
    LeaseTerms terms,
    long since,
    PMap<HostId, String> electors,
    Lives lives,
    PMap<String, Cast> votes,
    PMap<String, Last> withdrawn,
    PMap<String, Vote> verdicts,
    PMap<HostId, RingBeat> others,
    OptionalLong shrunkAt) {

  /** Stands for every subject: what a life before this one may have voted. */
  private static final String ALL = "*";

  /** Some answers may be lost, or on their way. */
  private static final int MANY = 5;

  /** A vote of its own, and when it was cast. */
  public record Cast(Vote vote, long at) {}

  /**
   * Who speaks, and for the how-manieth time.
   *
   * @param most how many SuperWatchDogs there ever were on this node's cluster, or are to be
   */
  public record Seat(HostId host, String node, long life, long sequence, int most) {
    /** Who has not spoken yet. */
    public static Seat of(HostId host, String node, long life, int most) {
      return new Seat(host, node, life, 0, Math.max(1, most));
    }

    Seat next() {
      return new Seat(host, node, life, sequence + 1, most);
    }

    Seat among(int electors) {
      return new Seat(host, node, life, sequence, Math.max(most, electors));
    }

    Last last() {
      return new Last(life, sequence);
    }
  }

  /**
   * A SuperWatchDog that begins.
   *
   * @param seat with a life greater than that of any that was on this node before
   */
  public static Jury begin(Seat seat, LeaseTerms terms, long now) {
    return new Jury(
        seat,
        terms,
        now,
        HashTreePMap.singleton(seat.host(), seat.node()),
        Lives.NONE,
        HashTreePMap.empty(),
        HashTreePMap.singleton(ALL, seat.next().last()),
        HashTreePMap.empty(),
        HashTreePMap.empty(),
        OptionalLong.empty());
  }

  /**
   * Who the SuperWatchDogs are, this one included. One that the membership lists no more stays
   * until there is a verdict on it: a cluster that is cut apart drops members on both sides, and
   * only a majority of those who were there before may go on without the others.
   */
  public Jury electors(Map<HostId, String> nodes, long now) {
    PMap<HostId, String> all = HashTreePMap.from(nodes);
    all = all.plus(me.host(), me.node());
    for (var known : electors.entrySet()) {
      var isLeft = all.containsKey(known.getKey()) || verdicts.containsKey(known.getValue());
      all = isLeft ? all : all.plus(known.getKey(), known.getValue());
    }
    if (all.equals(electors)) {
      return this;
    }
    var listening = lives;
    for (String node : all.minus(me.host()).values()) {
      listening = listening.listenFor(node, now);
    }
    var left = others;
    for (var beat : others.values()) {
      left = beat.node().equals(all.get(beat.from())) ? left : left.minus(beat.from());
    }
    var seat = me.among(all.size());
    // So few of so many need not have granted any of the leases that still run.
    var unknown = majority(all.size()) + majority(seat.most()) <= seat.most();
    listening = unknown && all.size() < electors.size() ? listening.allGranted(now) : listening;
    var dropped = all.keySet().containsAll(electors.keySet()) ? shrunkAt : OptionalLong.of(now);
    return new Jury(seat, terms, since, all, listening, votes, withdrawn, verdicts, left, dropped)
        .settled(now);
  }

  private static int majority(int of) {
    return of / 2 + 1;
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
    var present = all.stream().filter(node -> node.equals(me.node()) || heard.contains(node));
    return 2 * present.count() > all.size();
  }

  /**
   * What a host is granted that asked then: a lease of one among so many. Who is alone for good has
   * no majority to lose, and says that there are none; the last of several does not.
   */
  public HostLease.Grant grant(long askedAt) {
    return me.most() == 1
        ? HostLease.Grant.off(askedAt)
        : new HostLease.Grant(askedAt, electors.size());
  }

  /** Whether a lease may be renewed. */
  public boolean mayGrant(String incarnation, long now) {
    @Nullable Life life = lives.of(incarnation);
    return life != null
        && !life.outcast()
        && !isDeaf(life, now)
        && !votedAgainst(incarnation)
        && !withdrawn.containsKey(ALL)
        && !withdrawn.containsKey(incarnation)
        && !withdrawn.containsKey(Incarnation.nodeOf(incarnation))
        && death(incarnation).isEmpty();
  }

  /** A lease that a deaf host would never know of must not be waited for. */
  private boolean isDeaf(Life life, long now) {
    return life.unanswered() >= MANY && now - life.heardAt() >= terms.deafNanos();
  }

  private boolean votedAgainst(String subject) {
    return votes.containsKey(subject) || votedCertain(Incarnation.nodeOf(subject));
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
    var present =
        electors.values().stream()
            .filter(node -> node.equals(me.node()) || lives.spokeSince(node, then));
    return 2 * present.count() > electors.size();
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
    @Nullable RingBeat known = others.get(beat.from());
    var isElector = beat.node().equals(electors.get(beat.from())) && !beat.node().equals(me.node());
    var isNews =
        known == null
            || beat.life() > known.life()
            || (beat.life() == known.life() && beat.sequence() > known.sequence());
    if (!isElector || !isNews) {
      return this;
    }
    var listening = lives.heard(beat.node(), now);
    for (var vote : beat.votes().entrySet()) {
      var isOther = !vote.getValue().isCertain() && !vote.getKey().equals(me.node());
      // Never heard here since this began, so nothing was granted since either.
      listening = isOther ? listening.listenFor(vote.getKey(), since) : listening;
    }
    return new Jury(
            me, terms, since, electors, listening, votes, withdrawn, verdicts, plus(beat), shrunkAt)
        .settled(now);
  }

  private PMap<HostId, RingBeat> plus(RingBeat beat) {
    return others.plus(beat.from(), beat);
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
    for (var own : votes.entrySet()) {
      var subject = own.getKey();
      if (!verdicts.containsKey(subject) && heardSince(subject, own.getValue().at())) {
        next = next.without(subject);
      }
    }
    return next;
  }

  private boolean heardSince(String subject, long at) {
    return Stream.concat(Stream.of(subject), lives.on(subject))
        .map(lives::of)
        .anyMatch(life -> life != null && !life.outcast() && life.heardAt() - at > 0);
  }

  private Jury without(String subject) {
    return with(votes.minus(subject), withdrawn.plus(subject, me.next().last()));
  }

  /** Its next heartbeat to the others: send {@link #beat} of what this returns. */
  public Jury spoken(long now) {
    return new Jury(
            me.next(), terms, since, electors, lives, votes, withdrawn, verdicts, others, shrunkAt)
        .settled(now);
  }

  public RingBeat beat() {
    var heard = new HashMap<HostId, Last>();
    others.forEach((host, beat) -> heard.put(host, beat.asLast()));
    return new RingBeat(me.host(), me.node(), me.life(), me.sequence(), said(), heard);
  }

  /** Whether its votes are other than what it said last. */
  public boolean hasNews(RingBeat said) {
    return !said().equals(said.votes());
  }

  /** Its votes that count, by subject. */
  Map<String, Vote> said() {
    var said = new HashMap<String, Vote>();
    var estranged = isEstranged();
    votes.forEach(
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
    var rest = living().minusAll(accused(withdrawn.keySet()));
    var unaware = rest.keySet().stream().filter(host -> !host.equals(me.host()) && !knows(host));
    return rest.size() < living().size() && 2 * unaware.count() > rest.size();
  }

  private boolean knows(HostId host) {
    return withdrawn.entrySet().stream()
        .filter(entry -> electors.containsValue(entry.getKey()))
        .allMatch(entry -> has(host, entry.getValue()));
  }

  /** The SuperWatchDogs among these subjects. */
  Set<HostId> accused(Set<String> subjects) {
    return electors.keySet().stream()
        .filter(host -> subjects.contains(node(host)))
        .collect(toSet());
  }

  /** How an incarnation or a node is known to be dead, if it is. */
  public Optional<Vote> death(String subject) {
    @Nullable Vote verdict = verdicts.get(subject);
    @Nullable Vote ofNode = verdicts.get(Incarnation.nodeOf(subject));
    return verdict != null
        ? Optional.of(verdict)
        : Optional.ofNullable(ofNode).filter(Vote::isCertain);
  }

  /** Whether some, but not enough, hold it for dead. */
  public boolean accused(String subject) {
    return votedAgainst(subject) || isAccused(subject);
  }

  private boolean isAccused(String subject) {
    return others.values().stream().anyMatch(beat -> beat.votes().containsKey(subject));
  }

  /**
   * Forgets whoever is not wanted any more. A verdict stays while another still votes for it, which
   * would have it reached again.
   */
  public Jury keeping(Predicate<String> others) {
    Predicate<String> wanted =
        subject -> others.test(subject) || electors.containsValue(Incarnation.nodeOf(subject));
    return with(lives.keeping(wanted))
        .with(keeping(votes, wanted), withdrawn)
        .withVerdicts(keeping(verdicts, subject -> wanted.test(subject) || isAccused(subject)));
  }

  private static <T> PMap<String, T> keeping(PMap<String, T> all, Predicate<String> wanted) {
    return all.minusAll(all.keySet().stream().filter(wanted.negate()).toList());
  }

  /**
   * A vote that is certain replaces a suspicion, and nothing replaces it. After a verdict too: a
   * SuperWatchDog that began after it may need the vote to reach its own. Against its own node it
   * has none: what is silent there is as slow as itself, and a stuck one the guard kills.
   */
  private Jury vote(String subject, Vote vote, long now) {
    var known = votes.containsKey(subject);
    if (isOwn(subject) || votedCertain(subject) || (known && !vote.isCertain())) {
      return this;
    }
    return with(votes.plus(subject, new Cast(vote, now)), withdrawn.minus(subject));
  }

  /** Reaches what verdicts it can, and leaves behind what all others have confirmed. */
  private Jury settled(long now) {
    var next = this;
    var subjects = new HashSet<>(votes.keySet());
    others.values().forEach(beat -> subjects.addAll(beat.votes().keySet()));
    for (String subject : subjects) {
      var settled = verdicts.containsKey(subject) || !concerns(subject);
      var reached = settled ? Optional.<Vote>empty() : new Tally(this, subject, now).verdict();
      if (reached.isPresent()) {
        next = next.judged(subject, reached.get());
      }
    }
    return next.confirmed(now);
  }

  /** Whether it is anybody whom this one listens for, or knows by a vote of its own. */
  boolean concerns(String subject) {
    return votes.containsKey(subject)
        || lives.knows(subject)
        || lives.on(Incarnation.nodeOf(subject)).findAny().isPresent();
  }

  /** Whether this other one holds it for dead. */
  boolean isAccusedBy(HostId other, String subject) {
    @Nullable RingBeat beat = others.get(other);
    return beat != null && beat.votes().containsKey(subject);
  }

  /** The SuperWatchDogs without those that this one has found dead for certain. */
  PMap<HostId, String> living() {
    return electors.minusAll(
        electors.keySet().stream().filter(host -> votedCertain(node(host))).toList());
  }

  private String node(HostId host) {
    return electors.getOrDefault(host, "");
  }

  private boolean isOwn(String subject) {
    return Incarnation.nodeOf(subject).equals(me.node());
  }

  private boolean votedCertain(String node) {
    @Nullable Cast own = votes.get(node);
    return own != null && own.vote().isCertain();
  }

  private Jury judged(String subject, Vote verdict) {
    return withVerdicts(verdicts.plus(subject, verdict));
  }

  private Jury confirmed(long now) {
    if (shrunkAt.isPresent() && now - shrunkAt.getAsLong() < terms.waitNanos()) {
      return this; // whoever was dropped then may count what it heard last for so long
    }
    Set<String> done = new HashSet<>();
    withdrawn.forEach(
        (subject, first) -> {
          if (me.last().covers(first) && allHave(first)) {
            done.add(subject);
          }
        });
    return done.isEmpty() ? this : with(votes, withdrawn.minusAll(done));
  }

  private boolean allHave(Last beat) {
    return electors.keySet().stream()
        .filter(host -> !host.equals(me.host()))
        .allMatch(host -> has(host, beat));
  }

  /** Whether that one has heard so much from this one. */
  private boolean has(HostId host, Last beat) {
    @Nullable RingBeat last = others.get(host);
    @Nullable Last heard = last == null ? null : last.heard().get(me.host());
    return heard != null && heard.covers(beat);
  }

  private Jury with(Lives next) {
    return new Jury(me, terms, since, electors, next, votes, withdrawn, verdicts, others, shrunkAt);
  }

  private Jury with(PMap<String, Cast> cast, PMap<String, Last> taken) {
    return new Jury(me, terms, since, electors, lives, cast, taken, verdicts, others, shrunkAt);
  }

  private Jury withVerdicts(PMap<String, Vote> next) {
    return new Jury(me, terms, since, electors, lives, votes, withdrawn, next, others, shrunkAt);
  }
}
