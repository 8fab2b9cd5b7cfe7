// One Discord message: author, text, embeds, files, components.

import { h, clock, size } from './dom.js';
import { glyph } from './glyphs.js';
import { avatar, colour } from './people.js';
import { markdown } from './markdown.js';
import { select } from './discord-select.js';

const ephemeral = 64;
const loading = 128;
const styles = { 1: 'primary', 2: 'secondary', 3: 'success', 4: 'danger', 5: 'link' };

// message draws { m, start, day }: a message object and whether it begins a
// group of messages by its author.
export function message({ m, start, day }, { app }, does) {
  const name = m.author.global_name || m.author.username;
  const isApp = !!m.author.bot;
  const alone = !!(m.flags & ephemeral);
  const when = new Date(m.timestamp);
  const text = { names: does.names, open: does.open };
  const node = h('article', {
    class: `dc-item${start ? ' start' : ''}${alone ? ' alone' : ''}`, data: { testid: 'discord-message' },
    'aria-label': `${name}${alone ? ', only you can see this' : ''}: ${plain(m)}`,
  },
  day ? h('div', { class: 'dc-day' }, h('span', null, day)) : null,
  above(m),
  h('div', { class: 'dc-line' },
    start ? avatar(name, { bot: isApp && m.author.id === app.id }) : h('time', { class: 'dc-side-time', 'aria-hidden': 'true' }, clock(when)),
    h('div', { class: 'dc-body' },
      start ? author(name, isApp, when) : null,
      m.flags & loading ? thinking(name) : [
        m.content ? h('div', { class: 'dc-content', dir: 'auto' }, markdown(m.content, text), m.edited_timestamp ? h('small', { class: 'dc-edited' }, '(edited)') : null) : null,
        (m.embeds || []).map((e) => embed(e, text)),
        (m.attachments || []).map((a) => attachment(a, does)),
        components(m, does),
      ],
      alone ? h('div', { class: 'dc-alone' }, glyph('eye'), ' Only you can see this • ',
        h('button', { type: 'button', class: 'dc-dismiss', on: { click: () => does.dismiss(m) } }, 'Dismiss message')) : null)));
  return node;
}

function author(name, isApp, when) {
  const title = h('b', { class: 'dc-name' }, name);
  if (!isApp) title.style.setProperty('--tint', colour(name));
  return h('div', { class: 'dc-author' }, title, isApp ? h('span', { class: 'dc-app' }, 'APP') : null, h('time', { datetime: when.toISOString() }, whenWords(when)));
}

function whenWords(date) {
  const time = clock(date);
  return date.toDateString() === new Date().toDateString() ? time : `${date.toLocaleDateString()} ${time}`;
}

// above is the line over an answer: who used which command, or what it answers.
function above(m) {
  const used = m.interaction_metadata?.type === 2 && m.interaction_metadata.name ? m.interaction_metadata : null;
  if (used) {
    const who = used.user?.global_name || used.user?.username || 'Somebody';
    return h('div', { class: 'dc-above' }, h('span', { class: 'dc-spine', 'aria-hidden': 'true' }), avatar(who), h('b', null, who), ' used ', h('span', { class: 'mention' }, `/${used.name}`));
  }
  if (m.referenced_message) {
    const ref = m.referenced_message;
    const who = ref.author.global_name || ref.author.username;
    return h('div', { class: 'dc-above' }, h('span', { class: 'dc-spine', 'aria-hidden': 'true' }), avatar(who, { bot: ref.author.bot }), h('b', null, who), h('span', { class: 'dc-cut' }, plain(ref)));
  }
  return null;
}

function thinking(name) {
  return h('div', { class: 'dc-thinking' }, h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')), h('em', null, `${name} is thinking…`));
}

function embed(e, text) {
  const picture = e.image?.url;
  const node = h('div', { class: 'dc-embed' },
    h('div', { class: 'dc-embed-main' },
      h('div', { class: 'dc-embed-words' },
        e.author?.name ? h('div', { class: 'dc-embed-author' }, e.author.name) : null,
        e.title ? h('div', { class: 'dc-embed-title' }, e.url ? h('a', { href: e.url, target: '_blank', rel: 'noopener noreferrer', on: { click: (event) => { event.preventDefault(); text.open(e.url); } } }, markdown(e.title, text)) : markdown(e.title, text)) : null,
        e.description ? h('div', { class: 'dc-embed-text', dir: 'auto' }, markdown(e.description, text)) : null,
        e.fields?.length ? h('div', { class: 'dc-fields' }, e.fields.map((f) => h('div', { class: f.inline ? 'inline' : '' }, h('b', null, markdown(f.name, text)), markdown(f.value, text)))) : null),
      e.thumbnail?.url ? h('img', { class: 'dc-thumb', src: e.thumbnail.url, alt: '' }) : null),
    picture ? h('img', {
      class: 'dc-image', src: picture, alt: e.image.description || e.title || 'Picture', width: e.image.width, height: e.image.height,
      on: { error: (event) => event.target.classList.add('missing') },
    }) : null,
    e.footer?.text ? h('div', { class: 'dc-embed-foot' }, e.footer.text) : null);
  if (Number.isInteger(e.color)) node.style.setProperty('--side', `#${e.color.toString(16).padStart(6, '0')}`);
  return node;
}

function attachment(a, does) {
  const href = does.file(a.url);
  if (a.content_type?.startsWith('image/')) return h('img', { class: 'dc-attached', src: href, alt: a.description || a.filename });
  return h('div', { class: 'dc-file' }, glyph('file'), h('span', null, h('a', { href, download: a.filename, 'aria-label': `Download ${a.filename}` }, a.filename), h('small', null, size(a.size))), glyph('down'));
}

function components(m, does) {
  const rows = (m.components || []).filter((row) => row.type === 1 && row.components?.length);
  if (!rows.length) return null;
  const failed = h('div', { class: 'dc-failed', role: 'alert', hidden: true }, 'This interaction failed');
  // busy keeps the message's components still until the app has answered.
  const busy = async (node, work) => {
    if (box.getAttribute('aria-busy')) return;
    box.setAttribute('aria-busy', 'true');
    node.classList.add('working');
    failed.hidden = true;
    try {
      const answer = await work();
      failed.hidden = !answer?.failed;
    } finally {
      box.removeAttribute('aria-busy');
      node.classList.remove('working');
    }
  };
  const box = h('div', { class: 'dc-components', role: 'group', 'aria-label': 'Buttons' }, rows.map((row) => h('div', { class: 'dc-row' }, row.components.map((c) => {
    if (c.type === 2) return button(m, c, does, busy);
    if (c.type === 3) return select(c, (node, values) => busy(node, () => does.select(m, c, values)));
    return null;
  }))), failed);
  return box;
}

function button(m, c, does, busy) {
  const kids = [c.emoji?.name && !c.emoji.id ? h('span', { class: 'dc-emoji' }, c.emoji.name) : null, c.label ? h('span', null, c.label) : null, h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i'))];
  return h('button', {
    type: 'button', class: `dc-button dc-${styles[c.style] || 'secondary'}`, disabled: !!c.disabled, 'aria-label': c.label || c.emoji?.name, title: c.url || null,
    data: { testid: 'discord-button' },
    on: { click: (event) => busy(event.currentTarget, async () => does.press(m, c)) },
  }, kids, c.url ? glyph('arrow') : null);
}

// plain is a message as one line of words.
export function plain(m) {
  const e = m.embeds?.[0] || {};
  return (m.content || e.title || e.description || (m.attachments?.[0]?.filename ?? '')).replace(/\\(.)/g, '$1').replace(/\s+/g, ' ').slice(0, 160);
}
