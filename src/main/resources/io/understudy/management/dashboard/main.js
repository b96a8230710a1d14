// Keeps the page as the node says that things are, and says so when it does not.

import { Hosts, showRing, span } from './cluster.js';
import { Events, Poll } from './data.js';
import { byId, el, keep, pill, say } from './dom.js';
import { EventList } from './events.js';
import { Modules } from './modules.js';
import { WhatIf } from './whatif.js';

const HISTORY = 200;
const TABLE_MILLIS = 5000;
const HOSTS_MILLIS = 1000;
const LATE_MILLIS = 3000;

const chosen = new Map();
const toggle = (name, label) => whatIf.toggle(name, label);
const modules = new Modules(chosen, toggle);
const hosts = new Hosts(chosen, toggle);
const list = new EventList();
const whatIf = new WhatIf(chosen, () => {
  modules.draw();
  hosts.draw();
});

let seen = null; // when the table was answered last, and what it said
let trouble = null;
let events = null;
let poked = 0;

const table = new Poll('understudy/table', TABLE_MILLIS, showTable, (e) => complain(e));
const byManager = [
  table,
  new Poll('understudy/hosts', HOSTS_MILLIS, (view) => hosts.show(view.hosts), (e) => complain(e)),
];
const polls = [...byManager, new Poll('understudy/ring', HOSTS_MILLIS, showRing, (e) => complain(e))];

function showTable(view) {
  if (seen && view.version < seen.view.version) location.reload(); // another journal, from its beginning
  seen = { at: Date.now(), view };
  trouble = null;
  if (hosts.manager !== view.manager) {
    hosts.manager = view.manager;
    hosts.draw();
  }
  modules.show(view.modules);
  summarize(view);
  whatIf.seen(view.version);
  if (!events) follow(view.version);
  live();
}

function summarize(view) {
  const count = (level) => view.modules.filter((module) => module.condition === level).length;
  const levels = ['DOWN', 'DEGRADED', 'PROTECTED'].map((level) => ({ level, count: count(level) }));
  const parts = levels.filter(({ level, count: n }) => n > 0 || level === 'PROTECTED');
  keep(
    byId('summary'),
    [...parts, { level: 'manager', count: view.manager }, { level: 'version', count: view.version }],
    (part) => part.level,
    (part) => el('li', {}, part.level === part.level.toUpperCase() ? pill(part.level) : `${part.level} `, el('b', {}, ` ${part.count}`)),
  );
  const worst = parts[0];
  const title = worst.level === 'PROTECTED' ? 'Understudy' : `${worst.count} ${worst.level.toLowerCase()} – Understudy`;
  if (document.title !== title) document.title = title;
}

/** Each event may have changed the table, which is asked for at once then. */
function follow(version) {
  events = new Events(
    Math.max(0, version - HISTORY),
    (fresh) => {
      list.add(fresh);
      hosts.heard(fresh);
      const last = fresh[fresh.length - 1].sequence;
      if (!seen || last > seen.view.version) {
        clearTimeout(poked);
        poked = setTimeout(() => table.poke(), 50);
      }
    },
    (text) => {
      list.state(text);
      if (text) table.poke(); // whatever broke it off may have changed more
    },
  );
}

/** Not live until the table is answered again. */
function complain(e) {
  if (!trouble && e.status) table.poke();
  trouble = e;
  live();
}

/** Whether what is shown is what is, and if not, why. */
function live() {
  const stale = trouble !== null || byManager.some((poll) => poll.waiting() > LATE_MILLIS);
  document.body.classList.toggle('stale', stale);
  say(byId('live-text'), stale ? 'not live' : seen ? 'live' : 'connecting');
  byId('banner').hidden = !stale;
  say(byId('banner-text'), stale ? explain() : '');
  say(byId('banner-age'), stale && seen ? `Shown is how it was ${span(Date.now() - seen.at)} ago.` : '');
}

function explain() {
  if (trouble && trouble.status === 0) return `The node ${location.host} does not answer.`;
  if (trouble && trouble.status === 503) return `No manager is reachable: ${trouble.message}.`;
  if (trouble) return `The node ${location.host} refuses: ${trouble.message}.`;
  return 'The manager does not answer yet.';
}

for (const poll of polls) poll.poke();
setInterval(() => {
  live();
  hosts.age();
}, 1000);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) polls.forEach((poll) => poll.poke());
});
