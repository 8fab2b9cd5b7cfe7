// The list that opens above a typing field: commands, search results, choices.
// The field stays in focus; arrows choose, Enter or Tab takes, Escape closes.

import { h, fill } from './dom.js';

let count = 0;

// suggestions belongs to an input and returns { box, show, close, key }: box
// is to be put above the input, show takes options { title, detail, mark,
// picture, pick }, key handles a keydown and tells whether it has used it.
export function suggestions(input, label) {
  const id = `suggest-${++count}`;
  const box = h('div', { class: 'suggest', id, role: 'listbox', 'aria-label': label, hidden: true });
  let options = [];
  let at = 0;
  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-controls', id);
  input.setAttribute('aria-expanded', 'false');
  input.setAttribute('aria-autocomplete', 'list');

  function show(list, heading) {
    options = list;
    at = Math.max(0, list.findIndex((item) => item.title === input.value.trim()));
    box.hidden = list.length === 0;
    input.setAttribute('aria-expanded', String(!box.hidden));
    fill(box, heading ? h('div', { class: 'suggest-head', 'aria-hidden': 'true' }, heading) : null, list.map(option));
    mark();
  }

  function option(item, i) {
    return h('div', {
      class: 'suggest-item', role: 'option', id: `${id}-${i}`, 'aria-label': item.detail ? `${item.title}: ${item.detail}` : item.title,
      on: {
        mousedown: (event) => event.preventDefault(), // keeps the focus in the field
        click: () => take(i),
        mousemove: () => { if (at !== i) { at = i; mark(); } },
      },
    },
    item.mark || null,
    item.picture ? h('img', { src: item.picture, alt: '', class: 'suggest-picture' }) : null,
    h('span', { class: 'suggest-words' },
      h('span', { class: 'suggest-title' }, item.title),
      item.detail ? h('span', { class: 'suggest-detail' }, item.detail) : null),
    item.aside ? h('span', { class: 'suggest-aside' }, item.aside) : null);
  }

  function mark() {
    const items = box.querySelectorAll('[role=option]');
    items.forEach((node, i) => node.setAttribute('aria-selected', String(i === at)));
    if (box.hidden || !items[at]) input.removeAttribute('aria-activedescendant');
    else {
      input.setAttribute('aria-activedescendant', items[at].id);
      items[at].scrollIntoView({ block: 'nearest' });
    }
  }

  function take(i) {
    const item = options[i];
    close();
    if (item) item.pick();
  }

  function close() {
    options = [];
    box.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    mark();
  }

  function key(event) {
    if (box.hidden || event.isComposing) return false;
    if (event.key === 'ArrowDown') at = (at + 1) % options.length;
    else if (event.key === 'ArrowUp') at = (at + options.length - 1) % options.length;
    else if (event.key === 'Enter' || event.key === 'Tab') { event.preventDefault(); take(at); return true; }
    else if (event.key === 'Escape') { event.preventDefault(); close(); return true; }
    else return false;
    event.preventDefault();
    mark();
    return true;
  }

  return { box, show, close, key, get open() { return !box.hidden; } };
}
