// What is shown comes from users and programs: it is put in as text alone, never as HTML.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'on') {
      for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    } else {
      node.setAttribute(name, value === true ? '' : String(value));
    }
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null));
  return node;
}

/** An element with attributes and children; a child that is a string becomes text. */
export function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

export const byId = (id) => document.getElementById(id);

/** Sets a text only if it is another one, so that nothing moves or is read out in vain. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Shows a list of things, each under a key; makes anew only what has changed since, so that focus and
 * selection stay.
 */
export function keep(parent, things, key, make) {
  const known = parent.known || (parent.known = new Map());
  const next = new Map();
  let after = null;
  for (const thing of things) {
    const id = key(thing);
    const print = JSON.stringify(thing);
    let entry = known.get(id);
    if (!entry || entry.print !== print) {
      const node = make(thing);
      if (entry) {
        takeFocus(entry.node, node);
        entry.node.replaceWith(node);
      }
      entry = { print, node };
    }
    next.set(id, entry);
    const place = after ? after.nextSibling : parent.firstChild;
    if (entry.node !== place) parent.insertBefore(entry.node, place);
    after = entry.node;
  }
  for (const [id, entry] of known) {
    if (next.get(id) !== entry && !next.has(id)) entry.node.remove();
  }
  parent.known = next;
}

/** Whoever works with the keyboard stays where he was. */
function takeFocus(from, to) {
  const focused = document.activeElement;
  if (focused && focused.dataset.fail && from.contains(focused)) {
    const same = [...to.querySelectorAll('[data-fail]')].find((it) => it.dataset.fail === focused.dataset.fail);
    if (same) queueMicrotask(() => same.focus());
  }
}

/** The button that marks a host or a copy as failing. */
export function failButton(name, label, chosen, toggle) {
  return el(
    'button',
    {
      type: 'button',
      class: 'fail',
      'data-fail': name,
      'aria-pressed': chosen ? 'true' : 'false',
      'aria-label': `What if ${label} fails?`,
      title: `What if ${label} fails?`,
      on: { click: () => toggle(name, label) },
    },
    '✕',
  );
}

/** A state as a coloured word. */
export function pill(word) {
  return el('span', { class: `pill ${word.toLowerCase().replace(/[^a-z]/g, '')}` }, word.toLowerCase());
}
