// The Discord side: the server's channels and the direct messages, the open
// one, its header and composer.

import { h, fill, keyed, atEnd, toEnd } from './dom.js';
import { glyph } from './glyphs.js';
import { avatar } from './people.js';
import { message } from './discord-message.js';
import { composer } from './discord-composer.js';
import { modal } from './discord-modal.js';

const joined = 7 * 60 * 1000; // messages of one author within 7 minutes stand together

export function discord(ctx) {
  let snap = null;
  let here = null;
  let person = '';
  const seen = new Map();
  let form = null; // the modal that is open

  const side = h('nav', { class: 'dc-side', 'aria-label': 'Discord channels' });
  const head = h('header', { class: 'dc-head' });
  const log = h('div', { class: 'dc-log', role: 'log', 'aria-label': 'Messages', tabindex: '0' });
  const rows = h('div', { class: 'dc-rows' });
  const toast = h('div', { class: 'dc-toast', role: 'status', hidden: true });
  const foot = composer({
    command: (name, option) => run('command', { name, option }),
    autocomplete: (name, text) => ctx.act('discord', 'autocomplete', { place: here, name, text }),
    say: (text) => run('say', { text }),
    notice,
  });
  log.append(rows);
  const root = h('section', { class: 'panel discord', 'aria-label': 'Discord' },
    side, h('div', { class: 'dc-chat' }, head, log, toast, foot.root));

  const place = () => snap.places.find((p) => p.id === here) || snap.places[0];
  const at = (id) => `${person} ${id}`;
  const stamp = (m) => Date.parse(m.timestamp);

  // run does something and tells when the app did not respond.
  async function run(verb, body) {
    const answer = await ctx.act('discord', verb, { place: here, ...body });
    if (!answer) return null;
    if (answer.problem) console.warn(answer.problem);
    if (answer.failed && verb === 'command') notice(`${snap.app.global_name} did not respond`);
    return answer;
  }

  function notice(text) {
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => { toast.hidden = true; }, 4200);
  }

  const does = {
    press(m, button) {
      ctx.guide('tap', 'discord');
      if (button.url) { ctx.open(button.url, 'discord'); return null; }
      return run('press', { message: m.id, custom_id: button.custom_id });
    },
    select(m, menu, values) {
      ctx.guide('tap', 'discord');
      return run('select', { message: m.id, custom_id: menu.custom_id, value: values[0] });
    },
    dismiss: (m) => run('dismiss', { message: m.id }),
    open: (url) => ctx.open(url, 'discord'),
    names: (id) => snap.names[id] || '',
    file: (url) => ctx.fileURL('discord', url),
  };

  function go(id) {
    if (!snap || !snap.places.some((p) => p.id === id)) return;
    here = id;
    draw(true);
    ctx.went('discord', id);
  }

  function update(next, who) {
    const first = who !== person;
    person = who;
    snap = next;
    if (!here || !snap.places.some((p) => p.id === here)) here = ctx.start('discord') || snap.places[0].id;
    if (!snap.places.some((p) => p.id === here)) here = snap.places[0].id;
    draw(first);
  }

  function draw(jump) {
    const open = place();
    const follow = jump || atEnd(log);
    for (const p of snap.places) {
      if (p.id === open.id || !seen.has(at(p.id))) seen.set(at(p.id), newest(p));
    }
    fill(side, sidebar());
    const channel = open.kind !== 'private';
    fill(head, channel ? glyph('hash') : avatar(open.title, { bot: true }), h('h2', null, open.title), open.about ? h('p', null, open.about) : null);
    log.setAttribute('aria-label', channel ? `Messages in #${open.title}` : `Direct messages with ${open.title}`);
    const { messages } = open;
    const shown = messages.map((m, i) => ({ m, start: starts(messages[i - 1], m), day: day(messages[i - 1], m) }));
    keyed(rows, shown, {
      key: (s) => `${open.id}/${s.m.id}`,
      sign: (s) => JSON.stringify(s),
      draw: (s) => message(s, { me: snap.me, app: snap.app }, does),
    });
    rows.classList.toggle('empty', shown.length === 0);
    foot.update({ place: open, app: snap.app });
    forms();
    if (follow) settle();
  }

  // forms opens the modal that the app asks to fill in, and closes it when it
  // is done with.
  function forms() {
    const wanted = snap.modal ? JSON.stringify(snap.modal) : null;
    if (form && form.sign !== wanted) { form.done(); form = null; }
    if (!wanted || form) return;
    form = modal(root, snap.modal, { app: snap.app.global_name, submit: (values) => run('submit', { values }), cancel: () => { form = null; run('cancel', {}); } });
    form.sign = wanted;
  }

  function settle() {
    toEnd(log);
    for (const img of rows.querySelectorAll('img')) if (!img.complete) img.addEventListener('load', () => toEnd(log), { once: true });
  }

  function starts(before, m) {
    return !before || before.author.id !== m.author.id || stamp(m) - stamp(before) > joined || !!m.interaction_metadata?.name || !!m.referenced_message || (before.flags & 64) !== (m.flags & 64);
  }

  function day(before, m) {
    const of = (x) => new Date(stamp(x)).toDateString();
    return before && of(before) === of(m) ? '' : new Date(stamp(m)).toLocaleDateString([], { day: 'numeric', month: 'long', year: 'numeric' });
  }

  function newest(p) { return p.messages.length ? stamp(p.messages.at(-1)) : 0; }

  function sidebar() {
    const channels = snap.places.filter((p) => p.kind !== 'private');
    const direct = snap.places.filter((p) => p.kind === 'private');
    return [
      h('div', { class: 'dc-guild' }, h('span', null, snap.guild || 'Server'), glyph('chevron')),
      h('div', { class: 'dc-places' },
        h('h3', null, 'Text channels'), channels.map((p) => entry(p, glyph('hash'))),
        h('h3', null, 'Direct messages'), direct.map((p) => entry(p, avatar(p.title, { bot: true })))),
      h('div', { class: 'dc-me' }, avatar(snap.name), h('span', null, h('b', null, snap.name), h('small', null, 'Online'))),
    ];
  }

  function entry(p, mark) {
    const last = seen.get(at(p.id)) ?? 0;
    const unread = p.messages.filter((m) => stamp(m) > last && m.author.id !== snap.me).length;
    return h('button', {
      type: 'button', class: `dc-entry${unread ? ' unread' : ''}`, 'aria-current': p.id === here ? 'true' : null,
      data: { testid: `discord-${p.kind}` },
      'aria-label': `${p.kind === 'private' ? p.title : `#${p.title}`}, ${p.kind === 'private' ? 'direct message' : 'channel'}${unread ? `, ${unread} unread` : ''}`,
      on: { click: () => go(p.id) },
    }, mark, h('span', null, p.title), unread && p.kind === 'private' ? h('i', { class: 'badge' }, String(unread)) : null);
  }

  return { root, update, go, places: () => (snap ? snap.places : []), notice };
}
