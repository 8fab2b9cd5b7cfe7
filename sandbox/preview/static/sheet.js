// The browser that a chat app slides over itself for a link: here a frame over
// the platform's panel, with the address, a way back, and a way to a new tab.

import { h } from './dom.js';
import { glyph } from './glyphs.js';

// browser makes the sheet. open is called with links that lead back to a chat,
// closed after the sheet is gone (with the platform, and whether the shop's
// page said that it is paid), paid as soon as it says so.
export function browser({ open, closed, paid }) {
  let box = null;
  let done = false;
  let over = '';

  function close() {
    if (!box) return;
    const old = box;
    box = null;
    old.close();
    old.remove();
    closed(over, done);
  }

  // show opens an address over the panel of a platform.
  function show(url, platform, panel) {
    close();
    over = platform;
    done = false;
    const address = h('span', { class: 'sheet-address' }, new URL(url).host);
    const out = h('a', { class: 'sheet-out', href: url, target: '_blank', rel: 'noopener', title: 'Open in a new tab', 'aria-label': 'Open in a new tab' }, glyph('out'));
    const frame = h('iframe', { class: 'sheet-frame', src: url, title: 'Payment page', data: { testid: 'sheet-frame' } });
    const bar = h('div', { class: 'sheet-progress', 'aria-hidden': 'true' });
    box = h('dialog', { class: 'sheet', 'aria-label': 'Browser', data: { testid: 'sheet' } },
      h('header', null, h('button', { type: 'button', class: 'sheet-close', data: { testid: 'sheet-close' }, on: { click: close } }, glyph('close'), h('span', null, 'Back to chat')),
        h('div', { class: 'sheet-place' }, address), out, bar),
      frame);
    box.addEventListener('cancel', (event) => { event.preventDefault(); close(); });
    frame.addEventListener('load', () => {
      box?.classList.add('loaded');
      inside(frame, { address, out });
    });
    panel.append(box);
    box.show(); // not modal: the other platform and the top bar stay in reach
    box.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
    box.querySelector('.sheet-close').focus();
  }

  // inside looks at the page in the frame, which the browser allows where it
  // comes from the same address as the preview.
  function inside(frame, { address, out }) {
    let page;
    try { page = frame.contentDocument; if (!page) return; } catch { return; }
    const at = new URL(page.location.href);
    address.textContent = at.host;
    out.href = at.href;
    if (/^\/p\/[^/]+\/done$/.test(at.pathname)) { done = true; paid(); }
    page.addEventListener('click', (event) => {
      const link = event.target.closest?.('a[href]');
      if (!link) return;
      const host = new URL(link.href, at).hostname;
      if (!/(^|\.)(t\.me|telegram\.me|discord\.com)$/.test(host) && !link.href.startsWith('tg:')) return;
      event.preventDefault();
      close();
      open(link.href);
    });
    page.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
    // A page that closes itself (window.close) means: back to the chat.
    frame.contentWindow.close = close;
  }

  return { open: show, close };
}
