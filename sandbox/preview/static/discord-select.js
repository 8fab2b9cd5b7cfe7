// A string select: a button that opens a list of choices.

import { h } from './dom.js';
import { glyph } from './glyphs.js';

let count = 0;

// select draws a select component; choose is called with the drawn node and
// the chosen values.
export function select(c, choose) {
  const id = `select-${++count}`;
  const chosen = (c.options || []).find((o) => o.default);
  const label = h('span', { class: chosen ? 'dc-select-value' : 'dc-select-hint' }, chosen ? chosen.label : c.placeholder || 'Make a selection');
  const list = h('div', { class: 'dc-options', role: 'listbox', id, 'aria-label': c.placeholder || 'Choices', hidden: true },
    (c.options || []).map((o) => h('div', {
      class: 'dc-option', role: 'option', tabindex: '-1', 'aria-selected': String(!!o.default), data: { testid: 'discord-option' },
      'aria-label': o.description ? `${o.label}: ${o.description}` : o.label,
      on: { click: () => take(o) },
    },
    o.emoji?.name && !o.emoji.id ? h('span', { class: 'dc-emoji' }, o.emoji.name) : null,
    h('span', { class: 'dc-option-words' }, h('b', null, o.label), o.description ? h('small', null, o.description) : null),
    o.default ? glyph('check') : null)));
  const opener = h('button', {
    type: 'button', class: 'dc-opener', disabled: !!c.disabled, 'aria-haspopup': 'listbox', 'aria-expanded': 'false', 'aria-controls': id,
    'aria-label': `${c.placeholder || 'Choose'}${chosen ? `: ${chosen.label}` : ''}`, data: { testid: 'discord-select' },
    on: { click: () => (list.hidden ? open() : close()) },
  }, label, glyph('chevron'));
  const node = h('div', { class: 'dc-select', on: { keydown: pressed, focusout: left } }, opener, list);

  function open() {
    list.hidden = false;
    opener.setAttribute('aria-expanded', 'true');
    const room = node.closest('.dc-log')?.getBoundingClientRect();
    const box = opener.getBoundingClientRect();
    list.classList.toggle('up', !!room && room.bottom - box.bottom < Math.min(list.scrollHeight, 260) + 12 && box.top - room.top > room.bottom - box.bottom);
    (list.querySelector('[aria-selected=true]') || list.firstElementChild)?.focus();
  }

  function close() {
    if (list.contains(document.activeElement)) opener.focus();
    list.hidden = true;
    opener.setAttribute('aria-expanded', 'false');
  }

  function take(o) {
    close();
    label.textContent = o.label;
    label.className = 'dc-select-value';
    choose(node, [o.value]);
  }

  function pressed(event) {
    if (list.hidden) {
      if (event.key === 'ArrowDown') { event.preventDefault(); open(); }
      return;
    }
    const items = [...list.children];
    const at = items.indexOf(document.activeElement);
    if (event.key === 'Escape') close();
    else if (event.key === 'ArrowDown') items[(at + 1) % items.length].focus();
    else if (event.key === 'ArrowUp') items[(at + items.length - 1) % items.length].focus();
    else if ((event.key === 'Enter' || event.key === ' ') && at >= 0) items[at].click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function left(event) {
    if (!node.contains(event.relatedTarget)) { list.hidden = true; opener.setAttribute('aria-expanded', 'false'); }
  }

  return node;
}
