// What would happen if the marked hosts and copies failed, as understudy/simulate says it.

import { Trouble, get, rest } from './data.js';
import { byId, el, pill, say } from './dom.js';
import { look, what } from './events.js';
import { copies } from './modules.js';

const PAUSE_MILLIS = 120;
const MOST = 40;

export class WhatIf {
  /** `chosen` maps names to labels; `redraw` shows the marks. */
  constructor(chosen, redraw) {
    Object.assign(this, { chosen, redraw, version: -1, timer: 0, asking: null, rested: 0, inView: true });
    byId('whatif-clear').addEventListener('click', () => {
      chosen.clear();
      this.changed();
      byId('whatif').focus();
    });
    new IntersectionObserver(([at]) => {
      this.inView = at.isIntersecting;
      this.jump();
    }).observe(byId('whatif'));
  }

  /** The way to the answer, where that is out of sight. */
  jump() {
    const link = byId('whatif-jump');
    link.hidden = this.chosen.size === 0 || this.inView;
    say(link, `What if ${this.chosen.size === 1 ? 'this fails' : `these ${this.chosen.size} fail`}?`);
  }

  toggle(name, label) {
    if (!this.chosen.delete(name)) this.chosen.set(name, label);
    this.changed();
  }

  changed() {
    const any = this.chosen.size > 0;
    byId('whatif').classList.toggle('asked', any);
    byId('whatif-clear').hidden = !any;
    byId('whatif-hint').hidden = any;
    byId('whatif-chosen').replaceChildren(
      ...[...this.chosen].map(([name, label]) =>
        el('li', {}, el('button', { type: 'button', title: `Take ${label} out`, on: { click: () => this.toggle(name) } }, `${label} ✕`)),
      ),
    );
    this.redraw();
    this.jump();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE_MILLIS);
  }

  /** The table has changed: what would happen may be something else. */
  seen(version) {
    if (document.hidden || performance.now() < this.rested) return; // it is said again
    if (version !== this.version && this.chosen.size > 0 && !this.asking) this.ask();
  }

  async ask() {
    if (this.asking) this.asking.abort();
    if (this.chosen.size === 0) {
      this.asking = null;
      byId('whatif-answer').replaceChildren();
      return;
    }
    const asking = new AbortController();
    this.asking = asking;
    const since = performance.now();
    try {
      const names = encodeURIComponent([...this.chosen.keys()].join(','));
      const answer = await get(`understudy/simulate?fail=${names}`, asking.signal);
      if (this.asking === asking) {
        this.version = answer.version;
        byId('whatif-answer').replaceChildren(...shown(answer));
      }
    } catch (e) {
      if (!(e instanceof Trouble)) console.error(e);
      if (this.asking === asking) byId('whatif-answer').replaceChildren(el('p', { class: 'refused' }, e.message));
    }
    if (this.asking !== asking) return;
    this.asking = null;
    const ended = performance.now();
    this.rested = ended + rest(ended - since);
  }
}

const LEVELS = ['DOWN', 'DEGRADED', 'PROTECTED'];

/** The worst first: not all of many are shown. */
const worst = (items, condition) => items.toSorted((a, b) => LEVELS.indexOf(condition(a)) - LEVELS.indexOf(condition(b)));

function shown(answer) {
  const changes = worst(
    answer.changes.filter((change) => change.changed),
    ({ after }) => (after ? after.condition : 'DOWN'),
  );
  const changed = new Set(changes.map((change) => change.module));
  const modules = worst(
    answer.modules.filter((module) => changed.has(module.module)),
    (module) => module.condition,
  );
  return [
    el('p', { class: answer.managers.recovers ? 'managers' : 'managers refused' }, `${answer.managers.reason}.`),
    ...answer.notes.map((note) => el('p', { class: 'note' }, `${note}.`)),
    answer.settled ? null : el('p', { class: 'refused' }, 'It does not come to rest within as many steps as are played.'),
    changes.length === 0 ? el('p', {}, 'No module changes.') : list('changes', changes.map(change)),
    answer.events.length === 0 ? null : steps(answer.events),
    modules.length === 0 ? null : tables(modules),
  ].filter((node) => node !== null);
}

function list(name, items) {
  const more = items.length - MOST;
  return el('ul', { class: name }, items.slice(0, MOST), more > 0 ? el('li', { class: 'note' }, `and ${more} more`) : null);
}

function change({ module, before, after }) {
  return el(
    'li',
    {},
    el('strong', {}, module),
    standing(before),
    el('span', { class: 'to', 'aria-label': 'becomes' }, '→'),
    after ? standing(after) : el('span', {}, 'gone'),
    after && after.reason ? el('p', { class: 'reason' }, after.reason) : null,
  );
}

function standing({ condition, primaries }) {
  return el('span', { class: 'standing' }, pill(condition), primaries.length > 0 ? ` ${primaries.join(', ')}` : ' no primary');
}

function steps(events) {
  const lines = events.slice(0, 4 * MOST).map((event) =>
    el(
      'li',
      { class: `line ${look(event.event)}${event.assumed ? ' assumed' : ''}` },
      el('span', { class: 'after' }, event.afterMillis > 0 ? `+${(event.afterMillis / 1000).toFixed(1)} s` : ''),
      what(event, event.assumed ? 'assumed' : 'decided'),
      el('span', { class: 'reason' }, event.reason),
    ),
  );
  const more = events.length - lines.length;
  return el(
    'details',
    { open: events.length <= MOST },
    el('summary', {}, `Step by step: ${events.length} events`),
    el('ol', { class: 'steps' }, lines, more > 0 ? el('li', { class: 'note' }, `and ${more} more`) : null),
    el('p', { class: 'note' }, 'Slanted is assumed, upright decided. The times are back-offs; noticing a failure and starting a copy take more.'),
  );
}

function tables(modules) {
  return el(
    'details',
    {},
    el('summary', {}, 'The table then'),
    modules.slice(0, MOST).map((module) =>
      el('div', { class: 'then' }, el('h3', {}, module.module), copies(module.copies, module.replication !== undefined, module.sequencer, null)),
    ),
  );
}
