// How a person or a bot is drawn where a platform shows its picture: a round
// colour with initials, the awning for the shop's bot.

import { h } from './dom.js';
import { glyph } from './glyphs.js';

const colours = ['#a8483b', '#2f6f9f', '#39774a', '#7a55a3', '#96631c', '#1f7677', '#a23f72'];

export function colour(name) {
  let sum = 0;
  for (const c of String(name)) sum = (sum * 31 + c.codePointAt(0)) % 9973;
  return colours[sum % colours.length];
}

export function initials(name) {
  const words = String(name || '?').trim().split(/\s+/);
  return (words[0][0] + (words.length > 1 ? words[words.length - 1][0] : '')).toUpperCase();
}

export function avatar(name, { bot = false, group = false } = {}) {
  const node = h('span', { class: `avatar${bot ? ' avatar-bot' : ''}`, 'aria-hidden': 'true' }, bot ? glyph('awning') : group ? glyph('people') : initials(name));
  if (!bot) node.style.setProperty('--tint', colour(name));
  return node;
}
