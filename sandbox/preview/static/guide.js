// Three steps for somebody who is here for the first time. The strip goes with
// what they do and never stands in the way.

import { h, fill } from './dom.js';
import { glyph } from './glyphs.js';

const key = 'souk-guide-done';
let box = null;
let step = 0;

const steps = [
  ['Tap ', h('b', null, 'Add to cart'), ' under the pick', h('span', { class: 'aside' }, ', in either chat')],
  [h('b', null, 'Check out'), ' and say where it should go'],
  [h('b', null, 'Pay'), ' with the test card'],
];
const last = [h('b', null, 'Paid!'), ' The confirmation is in the chat. Now be Ben, or Sam of the staff.'];

export const guide = {
  start(node) {
    box = node;
    try { if (sessionStorage.getItem(key)) return; } catch { /* shown again, no harm */ }
    box.hidden = false;
    draw();
  },

  // did tells what has happened: cart (something is in it), pay (the pay page is open),
  // paid. Steps only go forward.
  did(what) {
    const to = { cart: 1, pay: 2, paid: 3 }[what] || 0;
    if (!box || box.hidden || to <= step) return;
    step = to;
    draw();
  },
};

function draw() {
  document.body.dataset.step = step;
  const words = step === steps.length
    ? h('p', { class: 'guide-end' }, h('span', { class: 'guide-number', 'aria-hidden': 'true' }, glyph('check')), h('span', null, last))
    : h('ol', { class: 'guide-steps' }, steps.map((text, i) => h('li', { class: i < step ? 'did' : i === step ? 'now' : '', 'aria-current': i === step ? 'step' : null },
      h('span', { class: 'guide-number', 'aria-hidden': 'true' }, i < step ? glyph('check') : String(i + 1)), h('span', null, text))));
  fill(box, words,
    h('button', { type: 'button', class: 'guide-close', 'aria-label': 'Hide these steps', on: { click: hide } }, glyph('close')));
}

function hide() {
  box.hidden = true;
  delete document.body.dataset.step;
  try { sessionStorage.setItem(key, '1'); } catch { /* shown again, no harm */ }
}
