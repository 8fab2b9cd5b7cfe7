// Discord's line at the bottom: the field and its slash commands.

import { h } from './dom.js';
import { glyph } from './glyphs.js';
import { avatar } from './people.js';
import { suggestions } from './suggest.js';

export function composer(does) {
  let place = null;
  let commands = [];
  let app = { global_name: '' };
  let chosen = null; // the command being filled in
  let asked = 0;
  let value = null; // what the picked suggestion stands for: { title, value }

  const field = h('input', {
    class: 'dc-field', type: 'text', autocomplete: 'off', 'aria-label': 'Message to the Discord channel', maxlength: '2000', data: { testid: 'discord-field' },
    on: { input: typed, keydown: pressed },
  });
  const list = suggestions(field, 'Commands and choices');
  const name = h('span', { class: 'dc-command-name' });
  const option = h('span', { class: 'dc-command-option' });
  const slash = h('button', { type: 'button', class: 'dc-slash', 'aria-label': 'Commands', title: 'Commands', on: { click: openAll } }, glyph('slash'));
  const send = h('button', { type: 'submit', class: 'dc-send', 'aria-label': 'Send to Discord' }, glyph('send'));
  const form = h('form', { class: 'dc-compose', on: { submit: (event) => { event.preventDefault(); submit(); } } }, slash, name, option, field, send);
  const root = h('div', { class: 'dc-foot' }, list.box, form);
  field.addEventListener('blur', () => setTimeout(() => { if (!root.contains(document.activeElement)) list.close(); }, 120));
  draw();

  function update(next) {
    place = next.place;
    commands = place.commands;
    app = next.app;
    draw();
  }

  function draw() {
    form.classList.toggle('filling', !!chosen);
    name.hidden = !chosen;
    option.hidden = !chosen;
    name.textContent = chosen ? `/${chosen.name}` : '';
    option.textContent = chosen?.options?.[0]?.name || '';
    field.placeholder = chosen ? chosen.options[0].description : place ? `Message ${place.kind === 'private' ? '@' : '#'}${place.title}, or / for commands` : '';
    field.setAttribute('aria-label', chosen ? `/${chosen.name} ${chosen.options[0].name}` : 'Message to the Discord channel');
  }

  function openAll() {
    if (list.open) { list.close(); return; }
    leave();
    field.value = '/';
    field.focus();
    typed();
  }

  function typed() {
    if (chosen) { complete(); return; }
    const word = /^\/([\w-]*)$/.exec(field.value);
    const words = /^\/([\w-]+) (.*)$/.exec(field.value);
    const named = words && commands.find((c) => c.name === words[1]);
    if (named && text(named)) { choose(named); field.value = words[2]; complete(); return; }
    if (!word) { list.close(); return; }
    const found = commands.filter((c) => c.name.startsWith(word[1].toLowerCase()));
    list.show(found.map((c) => ({
      title: `/${c.name}`, detail: c.description, aside: app.global_name, mark: avatar(app.global_name, { bot: true }), pick: () => choose(c),
    })), 'Commands');
  }

  const text = (c) => (c.options || []).find((o) => o.type === 3);

  function choose(c) {
    list.close();
    field.value = '';
    if (!text(c)) { does.command(c.name); return; }
    chosen = { ...c, options: [text(c)] };
    value = null;
    draw();
    field.focus();
    complete();
  }

  // complete asks the app for choices while the option is typed.
  function complete() {
    const wanted = chosen.options[0];
    if (!wanted.autocomplete) return;
    if (value && value.title === field.value) return;
    value = null;
    const mine = ++asked;
    setTimeout(async () => {
      if (mine !== asked || !chosen) return;
      const answer = await does.autocomplete(chosen.name, field.value);
      if (mine !== asked || !chosen || !answer) return;
      list.show((answer.choices || []).map((c) => ({
        title: c.name,
        pick: () => { value = { title: c.name, value: c.value }; field.value = c.name; submit(); },
      })), wanted.name);
    }, 180);
  }

  function pressed(event) {
    if (list.key(event)) return;
    if (chosen && (event.key === 'Escape' || (event.key === 'Backspace' && field.value === ''))) { event.preventDefault(); leave(); }
  }

  function submit() {
    const words = field.value.trim();
    if (chosen) {
      const wanted = chosen.options[0];
      if (!words && wanted.required) { field.reportValidity(); does.notice(`${wanted.name}: ${wanted.description}`); return; }
      const c = chosen;
      leave();
      does.command(c.name, words ? String(value?.value ?? words) : '');
      value = null;
      return;
    }
    if (!words) return;
    const c = words.startsWith('/') && commands.find((x) => `/${x.name}` === words);
    field.value = '';
    list.close();
    if (c) choose(c);
    else if (words.startsWith('/')) does.notice('There is no such command here.');
    else does.say(words);
  }

  function leave() {
    asked++;
    chosen = null;
    field.value = '';
    list.close();
    draw();
  }

  return { root, update };
}
