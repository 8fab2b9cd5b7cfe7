// The Telegram side: the list of chats, the open chat, its header and composer.

import { h, fill, keyed, atEnd, toEnd, stay } from './dom.js';
import { avatar } from './people.js';
import { message, summary } from './telegram-message.js';
import { composer } from './telegram-composer.js';
import { checkout } from './telegram-invoice.js';

const patience = 6000; // milliseconds

export function telegram(ctx) {
  let snap = null;
  let here = null; // the id of the open place
  let person = '';
  let awaiting = 0; // until when an answer to something done here is followed
  const seen = new Map(); // person and place → newest message read

  const entries = h('div', { class: 'tg-entries' });
  const list = h('nav', { class: 'tg-list', 'aria-label': 'Telegram chats' }, h('div', { class: 'tg-list-head', 'aria-hidden': 'true' }, h('span', { class: 'tg-search' }, 'Chats')), entries);
  const head = h('header', { class: 'tg-head' });
  const log = h('div', { class: 'tg-log', role: 'log', 'aria-label': 'Messages', tabindex: '0' });
  const rows = h('div', { class: 'tg-rows' });
  const toast = h('div', { class: 'tg-toast', role: 'status', hidden: true });
  const foot = composer({
    say: (text) => run('say', { text }),
    photo: (data, text) => run('photo', { text, files: { photo: data } }),
    start: () => run('start', { text: '' }),
    inline: (query) => ctx.act('telegram', 'inline', { place: here, query }),
    pick: (query, result) => run('pick', { query, result }),
    notice,
  });
  log.append(h('div', { class: 'tg-column' }, h('p', { class: 'tg-empty' }, h('span', null, 'No messages here yet…')), rows));
  const root = h('section', { class: 'panel telegram', 'aria-label': 'Telegram' },
    list, h('div', { class: 'tg-chat' }, head, log, toast, foot.root));

  stay(log);

  const place = () => snap.places.find((p) => p.id === here) || snap.places[0];
  const at = (id) => `${person} ${id}`;

  async function run(verb, body) {
    awaiting = Date.now() + patience;
    const target = verb === 'start' ? snap.places.find((p) => p.kind === 'private').id : here;
    const answer = await ctx.act('telegram', verb, { place: target, ...body });
    if (!answer) return null;
    if (answer.text && answer.alert) alertBox(answer.text);
    else if (answer.text) notice(answer.text);
    if (answer.url) ctx.open(answer.url, 'telegram');
    return answer;
  }

  function notice(text) {
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(toast.timer);
    toast.timer = setTimeout(() => { toast.hidden = true; }, 3600);
  }

  function alertBox(text) {
    const box = h('dialog', { class: 'tg-alert', 'aria-label': 'Alert' }, h('p', null, text),
      h('button', { type: 'button', on: { click: () => box.close() } }, 'OK'));
    box.addEventListener('close', () => box.remove());
    root.append(box);
    box.showModal();
  }

  const does = {
    async tap(shown, row, col, button) {
      if (/cart/i.test(button.text)) ctx.guide('cart', 'telegram');
      if (button.url) { ctx.open(button.url, 'telegram'); return; }
      if (button.copy_text) {
        await navigator.clipboard?.writeText(button.copy_text.text).catch(() => {});
        notice('Copied');
        return;
      }
      if (button.pay) { pay(shown); return; }
      const query = button.switch_inline_query_current_chat ?? button.switch_inline_query;
      if (query !== undefined) {
        if (button.switch_inline_query !== undefined) go(snap.places.find((p) => p.kind !== 'private')?.id || here);
        foot.write(`@${snap.bot.username} ${query}`);
        return;
      }
      await run('tap', { message: String(shown.message_id), row, col });
    },
    open: (url) => ctx.open(url, 'telegram'),
    command: (words) => run('say', { text: words }),
    file: (id) => ctx.fileURL('telegram', id),
  };

  // pay opens the client's form for an invoice.
  function pay(shown) {
    ctx.guide('pay', 'telegram');
    const where = { place: here, message: String(shown.message_id) };
    checkout(root, shown.invoice, {
      ask: (verb, body) => ctx.act('telegram', verb, { ...where, ...body }),
      done: () => ctx.guide('paid', 'telegram'),
    });
  }

  function go(id) {
    if (!snap || !snap.places.some((p) => p.id === id)) return;
    here = id;
    draw(true);
    ctx.went('telegram', id);
  }

  function update(next, who) {
    const first = who !== person;
    if (first) toast.hidden = true; // it told somebody else
    person = who;
    snap = next;
    if (!here || !snap.places.some((p) => p.id === here)) here = ctx.start('telegram') || snap.places[0].id;
    if (!snap.places.some((p) => p.id === here)) here = snap.places[0].id;
    draw(first);
  }

  function draw(jump) {
    const open = place();
    const newestHere = open.messages.at(-1)?.message_id ?? 0;
    const follow = jump || atEnd(log) || (Date.now() < awaiting && newestHere > (seen.get(at(open.id)) ?? 0));
    for (const p of snap.places) {
      const newest = p.messages.at(-1)?.message_id ?? 0;
      if (p.id === open.id || !seen.has(at(p.id))) seen.set(at(p.id), newest);
    }
    keyed(entries, snap.places.map(inList), { key: (e) => e.id, sign: (e) => JSON.stringify(e), draw: entry });
    fill(head, avatar(open.title, { bot: open.kind === 'private', group: open.kind !== 'private' }),
      h('div', { class: 'tg-title' }, h('h2', null, open.title), h('p', null, open.about)));
    log.setAttribute('aria-label', `Messages in ${open.title}`);
    const shown = open.messages.map((m, i) => ({ m, last: lastOfRun(open.messages, i), first: lastOfRun(open.messages, i - 1), day: dayBefore(open.messages, i) }));
    keyed(rows, shown, {
      key: (s) => `${open.id}/${s.m.message_id}`,
      sign: (s) => JSON.stringify(s),
      draw: (s) => message(s, { me: snap.me, group: open.kind !== 'private', bot: snap.bot }, does),
    });
    rows.parentNode.classList.toggle('empty', shown.length === 0);
    foot.update({ place: open, bot: snap.bot });
    if (follow) toEnd(log);
  }

  // inList is what the list of chats shows of a place.
  function inList(p) {
    const last = p.messages.at(-1);
    return {
      id: p.id, title: p.title, bot: p.kind === 'private', open: p.id === here,
      last: last ? summary(last, snap.me) : p.kind === 'private' ? 'Tap to start' : 'No messages yet',
      unread: p.messages.filter((m) => m.message_id > (seen.get(at(p.id)) ?? 0) && m.from?.id !== snap.me).length,
    };
  }

  function entry(e) {
    return h('button', {
      type: 'button', class: 'tg-entry', 'aria-current': e.open ? 'true' : null, data: { testid: `telegram-${e.bot ? 'private' : 'group'}` },
      'aria-label': `${e.title}, ${e.bot ? 'private chat' : 'group'}${e.unread ? `, ${e.unread} unread` : ''}`,
      on: { click: () => go(e.id) },
    },
    avatar(e.title, { bot: e.bot, group: !e.bot }),
    h('span', { class: 'tg-entry-words' },
      h('span', { class: 'tg-entry-top' }, h('b', null, e.title)),
      h('span', { class: 'tg-entry-last' }, h('span', null, e.last), e.unread ? h('i', { class: 'badge' }, String(e.unread)) : null)));
  }

  return {
    root, update, go,
    start: (param) => { go(snap.places.find((p) => p.kind === 'private').id); return run('start', { text: param || '' }); },
    places: () => (snap ? snap.places : []),
    bot: () => snap?.bot,
    notice,
  };
}

// lastOfRun tells whether the next message is by somebody else or much later.
function lastOfRun(messages, i) {
  const a = messages[i];
  const b = messages[i + 1];
  return !a || !b || a.from?.id !== b.from?.id || b.date - a.date > 300 || isService(a) || isService(b);
}

const isService = (m) => !!(m.new_chat_members || m.left_chat_member || m.pinned_message || m.group_created);

function dayBefore(messages, i) {
  const day = (m) => new Date(m.date * 1000).toDateString();
  if (i > 0 && day(messages[i]) === day(messages[i - 1])) return '';
  const date = new Date(messages[i].date * 1000);
  return date.toDateString() === new Date().toDateString() ? 'Today' : date.toLocaleDateString([], { day: 'numeric', month: 'long' });
}
