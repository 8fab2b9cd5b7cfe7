// Telegram's texts: plain text and entities, which mark spans by offset and
// length in UTF-16 units (as JavaScript's strings count).

import { h } from './dom.js';

// rich draws a text with its entities. open is called with the URL of a link
// that is tapped, command with a tapped /command.
export function rich(text, entities, { open, command } = {}) {
  const sorted = [...(entities || [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return draw(text || '', 0, (text || '').length, sorted, { open, command });
}

function draw(text, from, to, entities, on) {
  const out = [];
  let at = from;
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i];
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (start >= end) continue;
    if (start > at) out.push(text.slice(at, start));
    const inner = entities.slice(i + 1).filter((e) => e.offset < end);
    out.push(wrap(entity, text.slice(start, end), draw(text, start, end, inner, on), on));
    at = end;
  }
  if (at < to) out.push(text.slice(at, to));
  return out;
}

const tags = { bold: 'strong', italic: 'em', underline: 'u', strikethrough: 's', code: 'code' };

function wrap(entity, words, kids, on) {
  switch (entity.type) {
    case 'bold': case 'italic': case 'underline': case 'strikethrough': case 'code':
      return h(tags[entity.type], null, kids);
    case 'pre':
      return h('pre', null, h('code', null, kids));
    case 'blockquote': case 'expandable_blockquote':
      return h('blockquote', null, kids);
    case 'spoiler':
      return spoiler(kids);
    case 'text_link':
      return link(entity.url, kids, on);
    case 'url':
      return link(/^[a-z]+:/i.test(words) ? words : `https://${words}`, kids, on);
    case 'email':
      return h('a', { href: `mailto:${words}` }, kids);
    case 'bot_command':
      return on.command ? h('button', { type: 'button', class: 'inline-command', on: { click: () => on.command(words) } }, kids) : kids;
    case 'mention': case 'text_mention': case 'hashtag': case 'cashtag': case 'phone_number':
      return h('span', { class: 'mention' }, kids);
    default:
      return kids;
  }
}

function link(url, kids, on) {
  return h('a', {
    href: url, target: '_blank', rel: 'noopener noreferrer',
    on: { click: (event) => { if (on.open) { event.preventDefault(); on.open(url); } } },
  }, kids);
}

// spoiler hides its text until it is asked for, as both platforms do.
export function spoiler(kids) {
  const node = h('span', { class: 'spoiler', role: 'button', tabindex: '0', 'aria-label': 'Hidden text, press to show' }, h('span', null, kids));
  const show = () => { node.classList.add('shown'); node.removeAttribute('role'); node.removeAttribute('aria-label'); };
  node.addEventListener('click', show);
  node.addEventListener('keydown', (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); show(); } });
  return node;
}
