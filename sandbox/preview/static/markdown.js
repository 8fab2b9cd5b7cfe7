// Discord's texts: its own dialect of Markdown, read here as Discord's client
// reads it, so that a character which an adapter forgot to escape is seen.

import { h, clock } from './dom.js';
import { spoiler } from './entities.js';

// markdown draws a text. names tells what <@id> and <#id> stand for; open is
// called with a link that is pressed; links says whether [text](url) counts
// (in messages and embeds of apps it does).
export function markdown(text, { names = () => '', open, links = true } = {}) {
  const on = { names, open, links };
  // Every second part is the inside of a code block.
  return String(text || '').split(/```(?:[a-z0-9+-]*\n)?([\s\S]*?)```/i).map((part, i) => {
    if (i % 2) return h('pre', null, h('code', null, part));
    const trimmed = part.replace(/^\n|\n$/g, '');
    return trimmed ? lines(trimmed, on) : [];
  });
}

function lines(text, on) {
  const out = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const quote = /^> (.*)$/.exec(lines[i]);
    if (quote) {
      const body = [quote[1]];
      while (i + 1 < lines.length && lines[i + 1].startsWith('> ')) body.push(lines[++i].slice(2));
      out.push(h('blockquote', null, markdown(body.join('\n'), on)));
      continue;
    }
    const head = /^(#{1,3}) (.+)$/.exec(lines[i]);
    const small = /^-# (.+)$/.exec(lines[i]);
    const item = /^( *)[-*] (.+)$/.exec(lines[i]);
    if (head) out.push(h('div', { class: `md-head md-head-${head[1].length}`, role: 'heading', 'aria-level': String(head[1].length + 2) }, spans(head[2], on)));
    else if (small) out.push(h('div', { class: 'md-small' }, spans(small[1], on)));
    else if (item) out.push(h('div', { class: 'md-item' }, '•\u00a0', spans(item[2], on)));
    else {
      const para = [lines[i]];
      while (i + 1 < lines.length && !/^(> |#{1,3} |-# | *[-*] )/.test(lines[i + 1])) para.push(lines[++i]);
      out.push(h('div', { class: 'md-text' }, spans(para.join('\n'), on)));
    }
  }
  return out;
}

const escaped = /^\\([!-/:-@[-`{-~])/;
const rules = [
  { match: /^``(.+?)``(?!`)/s, make: (m) => h('code', null, m[1]) },
  { match: /^`([^`]+)`/, make: (m) => h('code', null, m[1]) },
  { match: /^\*\*\*(?!\s)((?:\\.|[^\\])+?)\*\*\*/s, make: (m, on) => h('strong', null, h('em', null, spans(m[1], on))) },
  { match: /^\*\*((?:\\.|[^\\])+?)\*\*(?!\*)/s, make: (m, on) => h('strong', null, spans(m[1], on)) },
  { match: /^__((?:\\.|[^\\])+?)__(?!_)/s, make: (m, on) => h('u', null, spans(m[1], on)) },
  { match: /^~~((?:\\.|[^\\])+?)~~/s, make: (m, on) => h('s', null, spans(m[1], on)) },
  { match: /^\|\|((?:\\.|[^\\])+?)\|\|/s, make: (m, on) => spoiler(spans(m[1], on)) },
  { match: /^\*(?![\s*])((?:\\.|[^\\*])+?)\*(?!\*)/s, make: (m, on) => h('em', null, spans(m[1], on)) },
  { match: /^_((?:\\.|[^\\_])+?)_(?![A-Za-z0-9_])/s, make: (m, on) => h('em', null, spans(m[1], on)) },
  { match: /^\[((?:\\.|[^\\\]])+)\]\(<?(https?:\/\/[^\s)>]+)>?\)/, make: (m, on) => (on.links ? link(m[2], spans(m[1], on), on) : m[0]) },
  { match: /^<(https?:\/\/[^>\s]+)>/, make: (m, on) => link(m[1], m[1], on) },
  { match: /^https?:\/\/[^\s<]+[^\s<.,:;"')\]]/, make: (m, on) => link(m[0], m[0], on) },
  { match: /^<@!?(\d+)>/, make: (m, on) => h('span', { class: 'mention' }, `@${on.names(m[1]) || 'unknown-user'}`) },
  { match: /^<#(\d+)>/, make: (m, on) => h('span', { class: 'mention' }, `#${on.names(m[1]) || 'unknown'}`) },
  { match: /^@(everyone|here)\b/, make: (m) => h('span', { class: 'mention' }, m[0]) },
  { match: /^<\/([\w -]+):\d+>/, make: (m) => h('span', { class: 'mention' }, `/${m[1]}`) },
  { match: /^<t:(-?\d+)(?::([tTdDfFR]))?>/, make: (m) => time(Number(m[1]), m[2] || 'f') },
];

function spans(text, on) {
  const out = [];
  let plain = '';
  let rest = text;
  let before = '';
  scan: while (rest) {
    const escape = escaped.exec(rest);
    if (escape) {
      plain += escape[1];
      before = escape[1];
      rest = rest.slice(escape[0].length);
      continue;
    }
    if (/[*_~|`[<@h\\]/.test(rest[0]) && !(rest[0] === '_' && rest[1] !== '_' && /[A-Za-z0-9]/.test(before))) {
      for (const rule of rules) {
        const m = rule.match.exec(rest);
        if (!m) continue;
        if (plain) out.push(plain);
        plain = '';
        out.push(rule.make(m, on));
        before = m[0].at(-1);
        rest = rest.slice(m[0].length);
        continue scan;
      }
    }
    before = rest[0];
    plain += rest[0];
    rest = rest.slice(1);
  }
  if (plain) out.push(plain);
  return out;
}

function link(url, kids, on) {
  return h('a', {
    href: url, target: '_blank', rel: 'noopener noreferrer',
    on: { click: (event) => { if (on.open) { event.preventDefault(); on.open(url); } } },
  }, kids);
}

// time draws a <t:…> mark; R is relative, the others are dates and times.
function time(seconds, style) {
  const date = new Date(seconds * 1000);
  const forms = {
    t: { timeStyle: 'short' }, T: { timeStyle: 'medium' }, d: { dateStyle: 'short' }, D: { dateStyle: 'long' },
    f: { dateStyle: 'long', timeStyle: 'short' }, F: { dateStyle: 'full', timeStyle: 'short' },
  };
  const words = style === 'R' ? relative(seconds - Date.now() / 1000) : date.toLocaleString([], forms[style]);
  return h('time', { class: 'md-time', datetime: date.toISOString(), title: `${date.toLocaleDateString()} ${clock(date)}` }, words);
}

function relative(seconds) {
  const words = new Intl.RelativeTimeFormat([], { numeric: 'auto' });
  for (const [unit, length] of [['day', 86400], ['hour', 3600], ['minute', 60]]) {
    if (Math.abs(seconds) >= length) return words.format(Math.round(seconds / length), unit);
  }
  return words.format(Math.round(seconds), 'second');
}
