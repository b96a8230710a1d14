// The last events with their reasons, the newest first.

import { byId, el, say } from './dom.js';

const MOST = 300;

/** How an event looks: what went wrong, what was done about it, what went well. */
const LOOKS = [
  [/Failed$|Lost$|^SyncLeft/, 'bad'],
  [/Delayed|Stop|Released|Demoted|Deregistered|Removed|Drain/, 'meh'],
  [/Started|Confirmed|Joined|Registered$|Resumed/, 'good'],
];

export const look = (name) => (LOOKS.find(([names]) => names.test(name)) || [null, 'act'])[1];

const subject = (event) =>
  event.copy ? `${event.copy}@${event.host}` : event.module || event.host || '–';

/** Whom an event is about, and its name. */
export function what(event, title) {
  return el(
    'span',
    { class: 'what' },
    el('span', { class: 'subject' }, subject(event)),
    el('span', { class: 'name', title }, event.event),
  );
}

/** The time of today, the date of what is older. */
function clock(at) {
  return Date.now() - at < 86400000 / 2 ? at.toLocaleTimeString([], { hour12: false }) : at.toLocaleDateString();
}

export class EventList {
  constructor() {
    this.wanted = '';
    byId('event-filter').addEventListener('input', (event) => {
      this.wanted = event.target.value.trim().toLowerCase();
      for (const line of byId('event-list').children) line.hidden = !this.fits(line);
    });
  }

  fits(line) {
    return line.textContent.toLowerCase().includes(this.wanted);
  }

  add(events) {
    const list = byId('event-list');
    const lines = events.slice(-MOST).map((event) => this.line(event));
    list.prepend(...lines.reverse());
    while (list.children.length > MOST) list.lastChild.remove();
  }

  line(event) {
    const at = new Date(event.time);
    const line = el(
      'li',
      { class: `line ${look(event.event)}` },
      el('time', { datetime: event.time, title: event.time }, clock(at)),
      what(event, `number ${event.sequence}`),
      el('span', { class: 'reason' }, event.certainty ? `${event.certainty.toLowerCase()}: ${event.reason}` : event.reason),
    );
    line.hidden = !this.fits(line);
    return line;
  }

  state(text) {
    say(byId('events-state'), text);
  }
}
