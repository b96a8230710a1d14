// Asks the node that served the page; all paths are relative, so that it works behind a proxy, too.

const PATIENCE_MILLIS = 20000;
const RETRY_MILLIS = 1000;

/** A node or a manager that did not answer as hoped; `status` is 0 where nothing answered. */
export class Trouble extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

async function failed(response) {
  let detail = `${response.status} ${response.statusText}`;
  try {
    detail = (await response.json()).detail || detail;
  } catch {
    // not problem+json: the status has to do
  }
  return new Trouble(response.status, detail);
}

async function answered(path, accept, signal) {
  let response;
  try {
    response = await fetch(path, { headers: { Accept: accept }, signal, cache: 'no-store' });
  } catch (e) {
    throw new Trouble(0, String(e.message || e));
  }
  if (!response.ok) throw await failed(response);
  return response;
}

/** The JSON at a path; throws Trouble. */
export async function get(path, signal) {
  const timeout = AbortSignal.timeout(PATIENCE_MILLIS);
  const response = await answered(path, 'application/json', signal ? AbortSignal.any([signal, timeout]) : timeout);
  try {
    return await response.json();
  } catch (e) {
    throw new Trouble(0, String(e.message || e));
  }
}

const SOONEST_MILLIS = 200;
const HIDDEN_MILLIS = 10000;

/** How long to leave the node alone after an answer that took so long, whatever is wanted of it. */
export const rest = (took) => Math.max(document.hidden ? HIDDEN_MILLIS : SOONEST_MILLIS, Math.min(2 * took, 10000));

/**
 * Asks again and again, and sooner when it is poked; never twice at a time, and the less often the
 * longer an answer takes.
 */
export class Poll {
  constructor(path, everyMillis, then, trouble) {
    Object.assign(this, { path, everyMillis, then, trouble, timer: 0, due: 0, busy: false, again: false, since: 0 });
    Object.assign(this, { ended: -Infinity, took: 0 });
  }

  /** For how long an answer has been waited for. */
  waiting() {
    return this.busy ? performance.now() - this.since : 0;
  }

  /** Asks as soon as may be. */
  poke() {
    if (this.busy) this.again = true;
    else this.plan(0);
  }

  /** Only ever brings forward what is planned. */
  plan(pause) {
    const due = this.ended + Math.max(pause, rest(this.took));
    if (this.timer && this.due <= due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => this.ask(), Math.max(0, due - performance.now()));
  }

  async ask() {
    this.timer = 0;
    this.busy = true;
    this.since = performance.now();
    this.again = false;
    let every = this.everyMillis;
    try {
      this.then(await get(this.path));
    } catch (e) {
      if (!(e instanceof Trouble)) console.error(e);
      this.trouble(e);
      every = RETRY_MILLIS;
    }
    this.busy = false;
    this.ended = performance.now();
    this.took = this.ended - this.since;
    this.plan(this.again ? 0 : Math.max(every, Math.min(5 * this.took, 10000)));
  }
}

/** When the page can be seen. */
const visible = () =>
  new Promise((done) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener('visibilitychange', look);
      done();
    };
    document.addEventListener('visibilitychange', look);
    look();
  });

/** The node says something every 10 s at least, unless what it says goes by way of a dead one. */
const SILENCE_MILLIS = 25000;

/**
 * Follows the events from a number on, for ever; begins again where it broke off. Not while the page
 * is hidden: a browser has six connections to a node, for all of its tabs.
 */
export class Events {
  constructor(after, then, state) {
    Object.assign(this, { after, then, state, broken: new AbortController() });
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.broken.abort();
    });
    this.run();
  }

  async run() {
    for (;;) {
      await visible();
      try {
        await this.follow();
        this.state('the stream ended; it is opened again');
      } catch (e) {
        if (!document.hidden) this.state(e instanceof Trouble && e.status ? e.message : 'no connection; it is tried again');
      }
      await new Promise((done) => setTimeout(done, RETRY_MILLIS));
    }
  }

  async follow() {
    const path = `understudy/events?after=${this.after}&follow=true`;
    const broken = new AbortController();
    this.broken = broken;
    const soon = async (coming) => {
      const silence = setTimeout(() => broken.abort(), SILENCE_MILLIS);
      try {
        return await coming;
      } finally {
        clearTimeout(silence);
      }
    };
    const response = await soon(answered(path, 'text/event-stream', broken.signal));
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    this.state('');
    let begun = '';
    for (let part = await soon(reader.read()); !part.done; part = await soon(reader.read())) {
      const lines = (begun + part.value).split('\n');
      begun = lines.pop();
      const events = lines.filter((line) => line.startsWith('data: ')).map((line) => JSON.parse(line.slice(6)));
      const fresh = events.filter((event) => event.sequence > this.after);
      if (fresh.length > 0) {
        this.after = fresh[fresh.length - 1].sequence;
        this.then(fresh);
      }
    }
  }
}
