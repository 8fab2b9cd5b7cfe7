// One Telegram message as a bubble: picture, file, text, buttons below.

import { h, clock, size } from './dom.js';
import { glyph, ticks } from './glyphs.js';
import { avatar, colour } from './people.js';
import { rich } from './entities.js';
import { drawn, amount } from './telegram-invoice.js';

// message draws { m, first, last, day }: a Bot API message and where it
// stands among its neighbours.
export function message({ m, first, last, day }, { me, group, bot }, does) {
  const date = day ? h('div', { class: 'tg-day' }, h('span', null, day)) : null;
  const service = serviceText(m);
  if (service) return h('div', { class: 'tg-item' }, date, h('div', { class: 'tg-service' }, h('span', null, service)));
  const mine = m.from?.id === me;
  const name = [m.from?.first_name, m.from?.last_name].filter(Boolean).join(' ') || m.sender_chat?.title || 'Somebody';
  const isBot = !!m.from?.is_bot;
  const words = m.text ?? m.caption ?? '';
  const entities = m.text !== undefined ? m.entities : m.caption_entities;
  const picture = photo(m);
  const body = h('div', { class: 'tg-body' },
    h('div', { class: `tg-bubble${picture && !words ? ' tg-bare' : ''}` },
      group && !mine && first ? who(name, isBot) : null,
      m.via_bot ? h('div', { class: 'tg-via' }, `via @${m.via_bot.username}`) : null,
      m.reply_to_message ? quote(m.reply_to_message) : null,
      picture ? h('img', {
        class: 'tg-photo', src: picture.url, alt: altOf(m),
        width: picture.width, height: picture.height, loading: 'eager',
        on: { error: (event) => event.target.classList.add('missing') },
      }) : null,
      m.document ? file(m.document, does) : null,
      m.invoice ? drawn(m.invoice) : null,
      h('div', { class: 'tg-text', dir: 'auto' }, rich(words, entities, does),
        h('span', { class: 'tg-meta' }, m.edit_date ? h('span', null, 'edited ') : null,
          h('time', { datetime: new Date(m.date * 1000).toISOString() }, clock(new Date(m.date * 1000))), mine ? ticks() : null))),
    keyboard(m, does));
  return h('article', {
    class: `tg-item${mine ? ' mine' : ''}${last ? ' last' : ''}`, 'aria-label': `${mine ? 'You' : name}: ${plain(m)}`, data: { testid: 'telegram-message' },
  }, date, h('div', { class: 'tg-line' }, group && !mine ? (last ? avatar(name, { bot: isBot && m.from.id === bot.id }) : h('span', { class: 'avatar gap' })) : null, body));
}

function who(name, isBot) {
  const node = h('div', { class: 'tg-who' }, name, isBot ? h('span', { class: 'tg-bot-mark' }, 'bot') : null);
  node.style.setProperty('--tint', colour(name));
  return node;
}

function photo(m) {
  if (!m.photo_url && !(Array.isArray(m.photo) && m.photo.length)) return null;
  const largest = Array.isArray(m.photo) ? m.photo.at(-1) : {};
  const width = largest.width || 400;
  return { url: m.photo_url || largest.url || '', width, height: largest.height || width };
}

// altOf describes a picture by the first line of its caption: Telegram has no
// alternative texts.
function altOf(m) { return (m.caption || 'Picture').split('\n')[0]; }

function file(document, does) {
  return h('a', { class: 'tg-file', href: does.file(document.file_id), download: document.file_name || 'file', 'aria-label': `Download ${document.file_name || 'file'}` },
    h('span', { class: 'tg-file-mark' }, glyph('file')),
    h('span', { class: 'tg-file-words' }, h('b', null, document.file_name || 'file'), h('small', null, size(document.file_size))));
}

function quote(m) {
  return h('div', { class: 'tg-quote' }, h('b', null, m.from?.first_name || 'Message'), h('span', null, plain(m)));
}

function keyboard(m, does) {
  let rows = m.reply_markup?.inline_keyboard;
  if (m.invoice && !m.invoice.paid && !rows?.length) rows = [[{ text: `Pay ${amount(m.invoice.total_amount, m.invoice.currency)}`, pay: true }]]; // the client's own
  if (m.invoice?.paid) rows = rows?.map((row) => row.filter((button) => !button.pay)).filter((row) => row.length);
  if (!rows?.length) return null;
  return h('div', { class: 'tg-keyboard', role: 'group', 'aria-label': 'Buttons' }, rows.map((row, r) => h('div', { class: 'tg-row' }, row.map((button, c) => {
    const mark = button.url || button.web_app ? 'arrow' : button.switch_inline_query !== undefined || button.switch_inline_query_current_chat !== undefined ? 'share' : button.copy_text ? 'copy' : null;
    return h('button', {
      type: 'button', class: `tg-button${button.style ? ` tg-${button.style}` : ''}`, title: button.url || null,
      data: { testid: 'telegram-button' },
      on: {
        async click(event) {
          const node = event.currentTarget;
          if (node.getAttribute('aria-busy')) return;
          node.setAttribute('aria-busy', 'true');
          try { await does.tap(m, r, c, button); } finally { node.removeAttribute('aria-busy'); }
        },
      },
    }, h('span', null, button.text), mark ? glyph(mark) : null);
  }))));
}

function serviceText(m) {
  const names = (list) => list.map((u) => u.first_name).join(', ');
  if (m.new_chat_members) return `${names(m.new_chat_members)} joined the group`;
  if (m.left_chat_member) return `${m.left_chat_member.first_name} left the group`;
  if (m.successful_payment) return `You paid ${amount(m.successful_payment.total_amount, m.successful_payment.currency)} in the chat`;
  if (m.pinned_message) return 'A message was pinned';
  return '';
}

// plain is a message as one line of words.
export function plain(m) {
  const words = m.text || m.caption || (m.document ? m.document.file_name : '') || (m.photo ? 'Picture' : '') || (m.invoice ? `${m.invoice.title}: ${m.invoice.description}` : '') || serviceText(m);
  return words.replace(/\s+/g, ' ').slice(0, 160);
}

// summary is what the list of chats shows of the newest message.
export function summary(m, me) {
  const name = m.from?.id === me ? 'You: ' : '';
  return name + plain(m);
}
