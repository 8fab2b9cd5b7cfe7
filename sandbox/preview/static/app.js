// The page: who looks, which theme, the two platforms beside one another, and
// the news that keep them current. Start here.

import * as api from './api.js';
import { h, fill } from './dom.js';
import { glyph } from './glyphs.js';
import { avatar } from './people.js';
import { telegram } from './telegram.js';
import { discord } from './discord.js';
import { browser } from './sheet.js';
import { guide } from './guide.js';
import { remembered, remember, theme } from './memory.js';

const names = { telegram: 'Telegram', discord: 'Discord' };
const stage = document.getElementById('stage');
const news = document.getElementById('news');

const state = { page: null, person: '', platform: 'telegram' };
const panels = {};
const looking = {}; // platform → whether a look is under way, and whether another is due

async function boot() {
  theme.start();
  try {
    state.page = await api.page();
  } catch (problem) {
    fill(stage, h('p', { class: 'sorry', role: 'alert' }, problem.message));
    return;
  }
  document.title = `${state.page.shop.name} · Souk preview`;
  const people = state.page.people;
  state.person = people.some((p) => p.id === remembered('as')) ? remembered('as') : people[0].id;
  state.platforms = ['telegram', 'discord'].filter((p) => state.page.platforms.includes(p));
  state.platform = state.platforms.includes(remembered('on')) ? remembered('on') : state.platforms[0];
  const make = { telegram, discord };
  for (const name of state.platforms) {
    panels[name] = make[name](context);
    stage.append(panels[name].root);
  }
  document.body.dataset.count = state.platforms.length;
  bar();
  guide.start(document.getElementById('guide'), { platform: state.platform });
  await Promise.all(state.platforms.map(refresh));
  document.body.dataset.ready = 'true';
  api.listen((change) => { if (panels[change.platform]) refresh(change.platform); }, online);
}

// context is what the panels may ask of the page.
const context = {
  async act(platform, verb, body) {
    try {
      const answer = await api.act(platform, verb, { as: state.person, ...body });
      await refresh(platform);
      return answer;
    } catch (problem) {
      if (panels[platform]) panels[platform].notice(problem.message);
      return null;
    }
  },
  open: (url, platform) => open(url, platform),
  fileURL: (platform, id) => api.fileURL(platform, state.person, id),
  start: (platform) => remembered(platform),
  went: (platform, place) => remember(platform, place),
  guide: (step) => guide.did(step),
};

// refresh looks at a platform again; changes that arrive meanwhile are served
// by one more look.
async function refresh(platform) {
  const now = looking[platform];
  if (now) { now.again = true; return now.done; }
  const mine = looking[platform] = { again: false };
  mine.done = (async () => {
    do {
      mine.again = false;
      const person = state.person;
      try {
        const seen = await api.look(platform, person);
        if (person === state.person) panels[platform].update(seen, person);
        else mine.again = true;
      } catch (problem) { tell(problem.message); break; }
    } while (mine.again);
    looking[platform] = null;
  })();
  return mine.done;
}

// open follows a link as the platforms' own apps would: to the bot's private
// chat, to a channel, to the shop's pay page above the chat, or to a new tab.
function open(url, platform) {
  let to;
  try { to = new URL(url, location.href); } catch { return; }
  const bot = panels.telegram?.bot();
  const name = to.hostname === 't.me' || to.hostname === 'telegram.me' ? to.pathname.slice(1) : to.protocol === 'tg:' ? to.searchParams.get('domain') : null;
  if (name && bot && name.toLowerCase() === bot.username.toLowerCase()) {
    sheet.close();
    show('telegram');
    panels.telegram.start(to.searchParams.get('start') || '');
    return;
  }
  if (/(^|\.)discord\.com$/.test(to.hostname) && panels.discord) {
    const ids = to.pathname.split('/');
    const place = panels.discord.places().find((p) => ids.includes(p.id)) || panels.discord.places().find((p) => p.kind === 'private');
    if (place) { sheet.close(); show('discord'); panels.discord.go(place.id); return; }
  }
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return;
  if (to.origin === location.origin || isLocal(to)) {
    guide.did('pay');
    sheet.open(to.href, platform, panels[platform].root);
    return;
  }
  window.open(to.href, '_blank', 'noopener');
}

const isLocal = (to) => ['127.0.0.1', 'localhost', '[::1]'].includes(to.hostname);

const sheet = browser({ open: (url) => open(url, state.platform), closed, paid: () => guide.did('paid') });

// closed goes to the chat in which the confirmation is.
function closed(platform, paid) {
  if (paid) panels[platform].go('private');
  state.platforms.forEach(refresh);
}

function show(platform) {
  state.platform = platform;
  remember('on', platform);
  tops();
}

function as(person) {
  state.person = person;
  remember('as', person);
  tops();
  state.platforms.forEach(refresh);
}

// bar builds the bar at the top, tops brings it up to date.
function bar() {
  fill(document.getElementById('top'),
    h('div', { class: 'brand' }, h('span', { class: 'brand-mark' }, glyph('awning')), h('h1', null, state.page.shop.name, h('small', null, 'preview'))),
    state.platforms.length > 1 ? h('div', { class: 'switch', role: 'group', 'aria-label': 'Platform' }, state.platforms.map((p) => h('button', {
      type: 'button', data: { testid: `show-${p}`, is: p }, on: { click: () => show(p) },
    }, names[p]))) : null,
    h('div', { class: 'people', role: 'group', 'aria-label': 'You are' }, h('span', { class: 'people-label', 'aria-hidden': 'true' }, 'You are'),
      state.page.people.map((p) => h('button', {
        type: 'button', 'aria-label': p.staff ? `${p.name}, staff` : p.name, title: p.name, data: { testid: `as-${p.id}`, is: p.id }, on: { click: () => as(p.id) },
      }, avatar(p.name), h('span', null, p.name), p.staff ? h('small', null, 'staff') : null))),
    h('button', { type: 'button', class: 'theme', data: { testid: 'theme' }, on: { click: () => { theme.toggle(); tops(); } } }, glyph('sun'), glyph('moon')));
  tops();
}

function tops() {
  document.body.dataset.on = state.platform;
  for (const node of document.querySelectorAll('.top [data-is]')) node.setAttribute('aria-pressed', String([state.platform, state.person].includes(node.dataset.is)));
  const name = theme.dark() ? 'Use light colours' : 'Use dark colours';
  const button = document.querySelector('.theme');
  button.setAttribute('aria-label', name);
  button.title = name;
}

let lost = false;
function online(up) {
  if (!up && !lost) tell('The preview has stopped. Start it again and this page will go on.');
  if (up && lost) { tell(''); state.platforms.forEach(refresh); }
  lost = !up;
}

function tell(text) {
  news.textContent = text;
  news.classList.toggle('shown', !!text);
}

theme.changed(() => { if (state.page) tops(); });
boot();
