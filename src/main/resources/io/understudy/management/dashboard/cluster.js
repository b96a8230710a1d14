// Hosts, and the ring of SuperWatchDogs.

import { byId, el, failButton, keep, pill, svg } from './dom.js';

const MOST_COPIES = 24;

export class Hosts {
  constructor(chosen, toggle) {
    Object.assign(this, { chosen, toggle, all: [], manager: undefined, most: 0, joined: new Map() });
  }

  show(hosts) {
    this.all = hosts;
    this.most = Math.max(this.most, ...hosts.map((host) => host.leaseMillis || 0));
    this.draw();
  }

  /** When incarnations joined, as far as the events that were read say so. */
  heard(events) {
    for (const event of events) {
      if (event.event === 'HostJoined') this.joined.set(event.host, event.time);
    }
  }

  draw() {
    const shown = this.all.map((host) => ({
      ...host,
      leaseMillis: undefined,
      dampedMillis: undefined,
      damped: host.dampedMillis > 0,
      joined: host.state === 'DOWN' ? undefined : this.joined.get(host.host),
      manages: host.host === this.manager,
      chosen: this.chosen.has(`@${host.host}`),
    }));
    keep(byId('host-list'), shown, (host) => host.host, (host) => this.card(host));
    const bars = new Map([...byId('host-list').querySelectorAll('meter')].map((bar) => [bar.dataset.host, bar]));
    for (const host of this.all) lease(bars.get(host.host), host, this.most);
    this.age();
  }

  card(host) {
    const state = host.state.toLowerCase();
    return el(
      'li',
      { class: `host ${state}` },
      el(
        'div',
        { class: 'title' },
        failButton(`@${host.host}`, `host ${host.host}`, host.chosen, this.toggle),
        el('h3', {}, host.host),
        pill(host.state),
        host.manages ? el('span', { class: 'pill manages' }, 'manager') : null,
        host.damped ? el('span', { class: 'pill degraded', title: 'It failed repeatedly: others get new copies first' }, 'damped') : null,
        host.drained ? el('span', { class: 'pill suspected', title: 'It gets no copies until it is resumed' }, 'drained') : null,
      ),
      el('p', { class: 'facts' }, host.address, host.state === 'DOWN' ? null : `, pid ${host.pid}`),
      el(
        'p',
        {
          class: 'facts life',
          title: `incarnation ${host.incarnation}`,
          'data-incarnation': host.incarnation,
          'data-joined': host.joined,
        },
      ),
      el('p', { class: 'lease' }, 'lease ', el('meter', { min: 0, max: 1, 'data-host': host.host }), el('span', {}, '')),
      copiesOn(host.copies),
    );
  }

  /** How long each has been there, without making anything anew. */
  age() {
    for (const life of byId('host-list').querySelectorAll('.life')) {
      const since = life.dataset.joined;
      const text = since ? `there for ${span(Date.now() - Date.parse(since))}` : `incarnation ${life.dataset.incarnation.replace(/^.*#/, '')}`;
      if (life.textContent !== text) life.textContent = text;
    }
  }
}

function copiesOn(copies) {
  if (copies.length === 0) return el('p', { class: 'facts' }, 'no copies');
  const rest = copies.length - MOST_COPIES;
  return el(
    'ul',
    { class: 'chips', 'aria-label': 'Copies' },
    copies.slice(0, MOST_COPIES).map((copy) => el('li', {}, copy)),
    rest > 0 ? el('li', { class: 'note' }, `and ${rest} more`) : null,
  );
}

function lease(bar, host, most) {
  if (!bar) return;
  const line = bar.parentNode;
  line.hidden = host.leaseMillis === undefined;
  if (line.hidden) return;
  bar.max = most || 1;
  bar.value = host.leaseMillis;
  bar.low = most / 3;
  bar.high = most / 2;
  bar.optimum = most;
  bar.nextSibling.textContent = ` ${(host.leaseMillis / 1000).toFixed(1)} s`;
}

export function span(millis) {
  const seconds = Math.max(0, Math.round(millis / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

const SIZE = 240;
const RADIUS = 78;
const NODE = 25;

/** The ring as a drawing, and the same in words. */
export function showRing(view) {
  const places = view.ring.map((place) => ({ ...place, heardMillisAgo: undefined }));
  const at = byId('ring-view');
  keep(at, [{ manager: view.manager, places }], () => 'ring', (shown) => drawn(shown.places, shown.manager));
  const ago = new Map(view.ring.map((place) => [place.host, place.heardMillisAgo]));
  for (const line of at.querySelectorAll('[data-ago]')) {
    const millis = ago.get(line.dataset.ago);
    line.textContent = millis === undefined ? '' : `, ${millis} ms ago`;
  }
}

function drawn(places, manager) {
  const title = manager ? `the ReplicaManager runs on ${manager}` : 'no ReplicaManager answers';
  return el(
    'div',
    { class: 'ring' },
    places.length === 0
      ? el('p', { class: 'note' }, 'No SuperWatchDog answers.')
      : svg(
          'svg',
          { viewBox: `0 0 ${SIZE} ${SIZE}`, role: 'img', 'aria-label': `Ring of ${places.length}; ${title}` },
          svg('circle', { class: 'track', cx: SIZE / 2, cy: SIZE / 2, r: RADIUS }),
          places.map((place, i) => arrow(places, place, i)),
          places.map((place, i) => node(place, i, places.length)),
        ),
    el('div', {}, el('p', {}, title), el('ol', {}, places.map(inWords))),
  );
}

function inWords(place) {
  return el(
    'li',
    {},
    el('strong', {}, place.host),
    place.role === 'PRIMARY' ? ' is the primary' : ' is a backup',
    place.sendsTo ? `, sends to ${place.sendsTo}` : '',
    place.heardFrom ? `, hears ${place.heardFrom}` : '',
    el('span', { 'data-ago': place.host }),
  );
}

function angle(i, of) {
  return (2 * Math.PI * i) / of - Math.PI / 2;
}

function point(radians, radius) {
  return { x: SIZE / 2 + radius * Math.cos(radians), y: SIZE / 2 + radius * Math.sin(radians) };
}

function node(place, i, of) {
  const { x, y } = point(angle(i, of), RADIUS);
  const primary = place.role === 'PRIMARY';
  const name = place.host.length > 7 ? `${place.host.slice(0, 6)}…` : place.host;
  return svg(
    'g',
    { class: primary ? 'primary' : 'backup' },
    svg('title', {}, `${place.host}, ${place.role.toLowerCase()}`),
    svg('circle', { cx: x, cy: y, r: NODE }),
    svg('text', { x, y: y + 4, 'text-anchor': 'middle' }, name),
    primary ? svg('text', { class: 'crown', x, y: y - NODE - 5, 'text-anchor': 'middle' }, 'primary') : null,
  );
}

/** Who sends to the one after it; a place that sends elsewhere has no arrow, but says so in words. */
function arrow(places, place, i) {
  const next = (i + 1) % places.length;
  if (places.length < 2 || place.sendsTo !== places[next].host) return null;
  const margin = NODE / RADIUS + 0.08;
  const from = point(angle(i, places.length) + margin, RADIUS);
  const radians = angle(i + 1, places.length) - margin;
  const to = point(radians, RADIUS);
  const back = point(radians - 0.12, RADIUS + 6);
  const inner = point(radians - 0.12, RADIUS - 6);
  const large = (2 * Math.PI) / places.length - 2 * margin > Math.PI ? 1 : 0;
  return svg(
    'g',
    { class: 'arrow' },
    svg('path', { d: `M ${from.x} ${from.y} A ${RADIUS} ${RADIUS} 0 ${large} 1 ${to.x} ${to.y}` }),
    svg('path', { class: 'tip', d: `M ${to.x} ${to.y} L ${back.x} ${back.y} L ${inner.x} ${inner.y} Z` }),
  );
}
