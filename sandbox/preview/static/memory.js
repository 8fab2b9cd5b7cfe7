// What the page remembers between reloads: the person, the open chats and the
// theme, in the address after #, so that a link shows the same again.

const params = () => new URLSearchParams(location.hash.slice(1));

export function remembered(name) { return params().get(name); }

export function remember(name, value) {
  const all = params();
  if (value) all.set(name, value);
  else all.delete(name);
  history.replaceState(null, '', `#${all}`);
}

const wish = window.matchMedia('(prefers-color-scheme: dark)');
const chosen = () => remembered('theme') || stored();

function stored() {
  try { return localStorage.getItem('souk-theme'); } catch { return null; }
}

// theme follows the browser's wish until somebody chooses.
export const theme = {
  dark: () => (chosen() ? chosen() === 'dark' : wish.matches),
  start() { document.documentElement.dataset.theme = this.dark() ? 'dark' : 'light'; },
  toggle() {
    const next = this.dark() ? 'light' : 'dark';
    remember('theme', null);
    try { localStorage.setItem('souk-theme', next); } catch { remember('theme', next); }
    this.start();
  },
  changed(fn) { wish.addEventListener('change', () => { theme.start(); fn(); }); },
};
