// The Discord side: the server's channels and the direct messages, the open
// one, its header and composer.

import { h, fill, keyed, atEnd, toEnd, stay } from './dom.js';
import { glyph } from './glyphs.js';
import { avatar } from './people.js';
import { message } from './discord-message.js';
import { composer } from './discord-composer.js';
import { modal } from './discord-modal.js';

const patience = 6000; // milliseconds
const joined = 7 * 60 * 1000; // messages of one author within 7 minutes stand together

export function discord(ctx) {
  let snap = null;
  let here = null;
  let person = '';
  let awaiting = 0; // until when an answer to something done here is followed
  const seen = new Map();
  let form = null; // the modal that is open

  const guild = h('span');
  const channels = h('div', { class: 'dc-entries' });
  const directs = h('div', { class: 'dc-entries' });
  const me = h('div', { class: 'dc-me' });
  const side = h('nav', { class: 'dc-side', 'aria-label': 'Discord channels' },
    h('div', { class: 'dc-guild' }, guild, glyph('chevron')),
    h('div', { class: 'dc-places' }, h('h3', null, 'Text channels'), channels, h('h3', null, 'Direct messages'), directs), me);
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
  log.append(h('div', { class: 'dc-column' }, h('p', { class: 'dc-empty' }, 'Nothing here yet. Type / to see what the shop can do.'), rows));
  const root = h('section', { class: 'panel discord', 'aria-label': 'Discord' },
    side, h('div', { class: 'dc-chat' }, head, log, toast, foot.root));

  stay(log);

  const place = () => snap.places.find((p) => p.id === here) || snap.places[0];
  const at = (id) => `${person} ${id}`;
  const stamp = (m) => Date.parse(m.timestamp);

  // run does something and tells when the app did not respond.
  async function run(verb, body) {
    awaiting = Date.now() + patience;
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
      if (/cart/i.test(button.label)) ctx.guide('cart', 'discord');
      if (button.url) { ctx.open(button.url, 'discord'); return null; }
      return run('press', { message: m.id, custom_id: button.custom_id });
    },
    select(m, menu, values) {
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
    if (first) toast.hidden = true; // it told somebody else
    person = who;
    snap = next;
    if (!here || !snap.places.some((p) => p.id === here)) here = ctx.start('discord') || snap.places[0].id;
    if (!snap.places.some((p) => p.id === here)) here = snap.places[0].id;
    draw(first);
  }

  function draw(jump) {
    const open = place();
    const follow = jump || atEnd(log) || (Date.now() < awaiting && newest(open) > (seen.get(at(open.id)) ?? 0));
    for (const p of snap.places) {
      if (p.id === open.id || !seen.has(at(p.id))) seen.set(at(p.id), newest(p));
    }
    sidebar();
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
    rows.parentNode.classList.toggle('empty', shown.length === 0);
    foot.update({ place: open, app: snap.app });
    forms();
    if (follow) toEnd(log);
  }

  // forms opens the modal that the app asks to fill in, and closes it when it
  // is done with.
  function forms() {
    const wanted = snap.modal ? JSON.stringify(snap.modal) : null;
    if (form && form.sign !== wanted) { form.done(); form = null; }
    if (!wanted || form) return;
    form = modal(root, snap.modal, { app: snap.app.global_name, submit: (values, files) => run('submit', { values, files }), cancel: () => { form = null; run('cancel', {}); } });
    form.sign = wanted;
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
    guild.textContent = snap.guild || 'Server';
    const how = { key: (e) => e.id, sign: (e) => JSON.stringify(e), draw: entry };
    keyed(channels, snap.places.filter((p) => p.kind !== 'private').map(inList), how);
    keyed(directs, snap.places.filter((p) => p.kind === 'private').map(inList), how);
    fill(me, avatar(snap.name), h('span', null, h('b', null, snap.name), h('small', null, 'Online')));
  }

  // inList is what the list of channels shows of a place.
  function inList(p) {
    const last = seen.get(at(p.id)) ?? 0;
    return {
      id: p.id, title: p.title, direct: p.kind === 'private', open: p.id === here,
      unread: p.messages.filter((m) => stamp(m) > last && m.author.id !== snap.me).length,
    };
  }

  function entry(e) {
    return h('button', {
      type: 'button', class: `dc-entry${e.unread ? ' unread' : ''}`, 'aria-current': e.open ? 'true' : null,
      data: { testid: `discord-${e.direct ? 'private' : 'channel'}` },
      'aria-label': `${e.direct ? e.title : `#${e.title}`}, ${e.direct ? 'direct message' : 'channel'}${e.unread ? `, ${e.unread} unread` : ''}`,
      on: { click: () => go(e.id) },
    }, e.direct ? avatar(e.title, { bot: true }) : glyph('hash'), h('span', null, e.title), e.unread && e.direct ? h('i', { class: 'badge' }, String(e.unread)) : null);
  }

  return { root, update, go, places: () => (snap ? snap.places : []), notice };
}
