// Telegram's line at the bottom: the menu of commands, the field, inline
// results, photos, and the START button of a bot nobody has spoken to yet.

import { h, example } from './dom.js';
import { glyph } from './glyphs.js';
import { suggestions } from './suggest.js';
import { asked as asksForPhoto, address, base64, chooser, sample as samplePhoto, shrink } from './photo.js';

export function composer(does) {
  let place = null;
  let commands = [];
  let bot = { username: '' };
  let searches = 0;

  const field = h('textarea', {
    class: 'tg-field', rows: '1', placeholder: 'Message', 'aria-label': 'Message to the Telegram chat', maxlength: '4096', data: { testid: 'telegram-field' },
    on: { input: typed, keydown: pressed },
  });
  const list = suggestions(field, 'Suggestions');
  const menu = h('button', { type: 'button', class: 'tg-menu', 'aria-label': 'Commands', 'aria-expanded': 'false', on: { click: openMenu } }, glyph('menu'), h('span', null, 'Menu'));
  const send = h('button', { type: 'submit', class: 'tg-send', 'aria-label': 'Send to Telegram' }, glyph('send'));
  const files = chooser('Photo for Telegram', attach);
  const clip = h('button', { type: 'button', class: 'tg-clip', 'aria-label': 'Attach a photo', title: 'Attach a photo', on: { click: () => files.click() } }, glyph('clip'));
  const form = h('form', { class: 'tg-compose', on: { submit: (event) => { event.preventDefault(); submit(); } } }, menu, field, clip, files, send);
  const begin = h('button', { type: 'button', class: 'tg-start', data: { testid: 'telegram-start' }, on: { click: () => does.start() } }, 'Start');
  const sample = h('button', { type: 'button', class: 'sample', data: { testid: 'telegram-example' }, on: { click: sendSample } });
  const root = h('div', { class: 'tg-foot' }, list.box, sample, form, begin);
  field.addEventListener('blur', () => setTimeout(() => { if (!root.contains(document.activeElement)) list.close(); }, 120));

  function update(next) {
    const asked = next.place.asks && next.place.asks !== place?.asks;
    place = next.place;
    commands = place.commands;
    bot = next.bot;
    const closed = place.kind === 'private' && place.started === false;
    form.hidden = closed;
    begin.hidden = !closed;
    begin.textContent = place.blocked ? 'Restart bot' : 'Start';
    const hint = closed ? '' : place.hint || hintOf(place.messages.at(-1));
    const picture = asksForPhoto(hint);
    sample.dataset.says = picture ? '' : example(hint);
    sample.hidden = !picture && !sample.dataset.says;
    sample.textContent = picture ? 'Send a sample photo' : `Send “${sample.dataset.says}”`;
    clip.hidden = place.kind !== 'private';
    menu.hidden = place.kind !== 'private' || commands.length === 0;
    field.placeholder = place.hint || (place.kind === 'private' ? 'Message' : 'Message the group');
    if (asked && !closed && window.matchMedia('(pointer: fine)').matches) field.focus({ preventScroll: true });
  }

  function openMenu() {
    if (list.open) { list.close(); return; }
    field.focus();
    list.show(commands.map(commandOption));
  }

  function commandOption(c) {
    return { title: `/${c.command}`, detail: c.description, pick: () => { does.say(place.kind === 'private' ? `/${c.command}` : `/${c.command}@${bot.username}`); clear(); } };
  }

  function typed() {
    grow();
    const text = field.value;
    const query = inlineQuery(text);
    if (query !== null) { search(text, query); return; }
    const word = /^\/([a-z0-9_]*)$/i.exec(text);
    if (word) list.show(commands.filter((c) => c.command.startsWith(word[1].toLowerCase())).map(commandOption));
    else list.close();
  }

  // inlineQuery reads "@bot words", or gives null.
  function inlineQuery(text) {
    const mark = `@${bot.username} `.toLowerCase();
    return text.toLowerCase().startsWith(mark) ? text.slice(mark.length) : null;
  }

  function search(text, query) {
    const mine = ++searches;
    setTimeout(async () => {
      if (mine !== searches) return;
      const answer = await does.inline(query);
      if (mine !== searches || !answer || field.value !== text) return;
      list.show((answer.results || []).map((r) => ({
        title: r.title || 'Result', detail: r.description, picture: r.thumbnail_url || r.photo_url,
        pick: () => { does.pick(query, r.id); clear(); },
      })), answer.results?.length ? `@${bot.username}` : null);
    }, 180);
  }

  function pressed(event) {
    if (list.key(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
  }

  function submit() {
    const text = field.value.trim();
    if (!text || inlineQuery(field.value) !== null) return;
    clear();
    does.say(text);
  }

  async function sendSample() {
    if (sample.dataset.says) { does.say(sample.dataset.says); clear(); }
    else attach(await samplePhoto());
  }

  // attach sends a photo at once; what stands in the field goes with it.
  async function attach(file) {
    const small = await shrink(file);
    if (!small) { does.notice('This file is no picture that can be sent.'); return; }
    does.photo(base64(await address(small)), field.value.trim());
    clear();
  }

  function clear() {
    searches++;
    field.value = '';
    list.close();
    grow();
  }

  function grow() {
    field.style.height = 'auto';
    field.style.height = `${Math.min(field.scrollHeight, 140)}px`;
  }

  function write(text) {
    field.value = text;
    field.focus();
    field.setSelectionRange(text.length, text.length);
    typed();
  }

  return { root, update, write };
}

// hintOf finds the example in a question that is asked with a message: it has
// one button (to leave), and its last line in italics is the example. A photo
// is asked for with more, because it can be left out.
function hintOf(m) {
  if (!m?.from?.is_bot) return '';
  const last = (m.entities || []).filter((e) => e.type === 'italic').at(-1);
  const behind = last ? m.text.slice(last.offset + last.length).trim() : '';
  const hint = last && !behind.includes('\n') ? m.text.slice(last.offset, last.offset + last.length) : '';
  return m.reply_markup?.inline_keyboard?.flat().length === 1 || asksForPhoto(hint) ? hint : '';
}
