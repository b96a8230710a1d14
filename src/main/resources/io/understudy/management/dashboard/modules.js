// The modules with their copies, as FIG. 2 has them.

import { byId, el, failButton, keep, pill, say } from './dom.js';

const FIRST = 60;
const MORE = 120;
const ORDER = { DOWN: 0, DEGRADED: 1, PROTECTED: 2 };

/** Name of a copy that no host can have. */
export const copyName = (copy) => `${copy.id}@${copy.host}`;

export class Modules {
  constructor(chosen, toggle) {
    Object.assign(this, { chosen, toggle, all: [], most: FIRST, wanted: '', only: new Set() });
    byId('filter').addEventListener('input', (event) => {
      this.wanted = event.target.value.trim().toLowerCase();
      this.most = FIRST;
      this.draw();
    });
    byId('more').addEventListener('click', () => {
      this.most += MORE;
      this.draw();
    });
    for (const level of Object.keys(ORDER)) {
      const button = el('button', { type: 'button', class: 'only', 'aria-pressed': 'false', 'data-level': level });
      button.addEventListener('click', () => this.toggleOnly(level, button));
      byId('conditions').append(button);
    }
  }

  toggleOnly(level, button) {
    if (!this.only.delete(level)) this.only.add(level);
    button.setAttribute('aria-pressed', String(this.only.has(level)));
    this.most = FIRST;
    this.draw();
  }

  show(modules) {
    this.all = modules;
    this.draw();
  }

  fits(module) {
    if (this.only.size > 0 && !this.only.has(module.condition)) return false;
    if (!this.wanted) return true;
    const words = [module.module, module.style, ...module.copies.flatMap((copy) => [copy.id, copy.host, copy.location])];
    return words.some((word) => word.toLowerCase().includes(this.wanted));
  }

  draw() {
    for (const button of byId('conditions').children) {
      const count = this.all.filter((module) => module.condition === button.dataset.level).length;
      say(button, `${button.dataset.level.toLowerCase()} ${count}`);
    }
    const found = this.all.filter((module) => this.fits(module));
    found.sort((a, b) => ORDER[a.condition] - ORDER[b.condition]); // and as they come, by name
    const shown = found.slice(0, this.most).map((module) => ({
      ...module,
      chosen: module.copies.map(copyName).filter((name) => this.chosen.has(name)),
    }));
    keep(byId('module-list'), shown, (module) => module.module, (module) => this.card(module));
    const rest = byId('module-rest');
    rest.hidden = found.length <= shown.length && found.length > 0;
    byId('more').hidden = found.length <= shown.length;
    say(byId('module-count'), this.counted(found.length, shown.length));
  }

  counted(found, shown) {
    if (this.all.length === 0) return 'No module is registered. deploy/understudy register FILE registers one.';
    if (found === 0) return `None of ${this.all.length} modules fits.`;
    return `${shown} of ${found} modules are shown.`;
  }

  card(module) {
    const stateful = module.replication !== undefined;
    return el(
      'article',
      { class: `module ${module.condition.toLowerCase()}`, 'aria-label': `Module ${module.module}` },
      el(
        'div',
        { class: 'title' },
        el('h3', {}, module.module),
        pill(module.condition),
        el('span', { class: 'facts' }, facts(module)),
      ),
      module.reason ? el('p', { class: 'reason' }, module.reason) : null,
      copies(module.copies, stateful, module.sequencer, (copy) =>
        failButton(copyName(copy), copy.id, module.chosen.includes(copyName(copy)), this.toggle),
      ),
    );
  }
}

function facts(module) {
  const strategy = module.threshold > 1 ? `moves at failure ${module.threshold}` : 'moves on each failure';
  const state = module.replication ? `, state ${module.replication.toLowerCase()}` : '';
  return `${module.style.toLowerCase()}, degree ${module.degree}${state}, ${strategy}, by ${module.detection.toLowerCase()}, epoch ${module.epoch}`;
}

/** The columns of FIG. 2, each with its class, and what a copy has there. */
function columns(stateful, sequencer) {
  return [
    ['Host', 'host-of', (copy) => copy.host],
    ['Status', 'status-of', (copy) => status(copy, sequencer)],
    ['Runs', 'detail short runs', (copy) => (copy.running ? 'yes' : 'no')],
    ...(stateful ? [['In sync', 'detail number', inSync]] : []),
    ['Failures', 'detail number failures', (copy) => String(copy.failures)],
    ['Pid', 'detail number', (copy) => (copy.pid === undefined ? '–' : String(copy.pid))],
    ['Location', 'location', (copy) => el('bdi', { title: copy.location }, copy.location)],
  ];
}

function status(copy, sequencer) {
  const numbers = copy.id === sequencer && copy.status === 'PRIMARY';
  const title = numbers ? 'primary, and numbers the updates of the state' : null;
  return el('span', { class: `status ${copy.status.toLowerCase()}`, title }, copy.status.toLowerCase());
}

function inSync(copy) {
  if (copy.status === 'IDLE') return '–';
  return copy.inSync ? 'yes' : 'no';
}

/** FIG. 2 of one module; `button` gives what stands before each copy. */
export function copies(rows, stateful, sequencer, button) {
  const all = columns(stateful, sequencer);
  return el(
    'table',
    { class: 'copies' },
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        button ? el('td', { class: 'mark' }) : null,
        el('th', { scope: 'col' }, 'Copy'),
        all.map(([label, name]) => el('th', { scope: 'col', class: name }, label)),
      ),
    ),
    el('tbody', {}, rows.map((copy) => row(copy, all, button))),
  );
}

function row(copy, all, button) {
  const looks = [copy.status.toLowerCase(), copy.running ? '' : 'still', copy.failures > 0 ? 'failed' : ''];
  return el(
    'tr',
    { class: looks.join(' ') },
    button ? el('td', { class: 'mark' }, button(copy)) : null,
    el('th', { scope: 'row' }, copy.id),
    all.map(([label, name, what]) => el('td', { class: name, 'data-label': label }, what(copy))),
  );
}
