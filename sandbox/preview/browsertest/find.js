// How a test finds things: by the region's name, then by what a person or a
// screen reader would call the thing. It looks into frames of the same origin.

function documents(root) {
  const list = [root];
  for (const frame of root.querySelectorAll('iframe')) {
    try { if (frame.contentDocument?.body && shown(frame)) list.push(...documents(frame.contentDocument)); } catch { /* another origin */ }
  }
  return list;
}

function shown(node) {
  if (!node.checkVisibility({ visibilityProperty: true })) return false;
  const box = node.getBoundingClientRect();
  return box.width > 0 && box.height > 0;
}

function label(node) {
  if (node.getAttribute('aria-label')) return node.getAttribute('aria-label');
  const by = node.getAttribute('aria-labelledby');
  if (by) return by.split(/\s+/).map((id) => node.ownerDocument.getElementById(id)?.textContent || '').join(' ');
  if (node.labels?.length) return [...node.labels].map((l) => l.textContent).join(' ');
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName)) return node.value && /submit|button/.test(node.type) ? node.value : node.placeholder || node.name || '';
  return node.textContent.replace(/\s+/g, ' ').trim();
}

// region is the part of the page with this name, or all of it; a dialog that is open in it
// comes before what lies behind.
function region(name) {
  if (!name) return document.body;
  const root = [...document.querySelectorAll(`[aria-label="${name}"]`)].filter(shown).at(-1);
  return root && [...root.querySelectorAll('dialog[open]')].at(-1) || root;
}

function all(name, selector) {
  const root = region(name);
  if (!root) return [];
  return documents(root).flatMap((d) => [...d.querySelectorAll(selector)]).filter(shown);
}

function has(node, text) { return label(node).toLowerCase().includes(text.toLowerCase()); }

// middle brings a thing into view and says where to click it; nothing while
// something else lies there, or pictures that are still to come may move it.
function middle(node) {
  if (![...document.images].every((i) => i.complete)) return '';
  node.scrollIntoView({ block: 'center', behavior: 'instant' });
  const { left, top, width, height } = node.getBoundingClientRect();
  const hit = node.ownerDocument.elementFromPoint(left + width / 2, top + height / 2);
  if (!hit || !(node.contains(hit) || hit.contains(node))) return '';
  let x = left + width / 2;
  let y = top + height / 2;
  for (let frame = node.ownerDocument.defaultView.frameElement; frame; frame = frame.ownerDocument.defaultView.frameElement) {
    const box = frame.getBoundingClientRect();
    x += box.left;
    y += box.top;
  }
  window.aimed = { node, hit: false };
  const aimed = window.aimed;
  node.addEventListener('click', () => { aimed.hit = true; }, { capture: true, once: true });
  return JSON.stringify({ X: x, Y: y });
}

// missed tells that the last click went elsewhere: what was aimed at had moved
// or was drawn anew in between. A page that was left knows nothing of it.
function missed() { return !!window.aimed && !window.aimed.hit; }

function press(name, text, article) {
  let found = all(name, 'button, a[href], [role=option], [role=button], summary, input[type=submit], input[type=radio], input[type=checkbox]')
    .filter((n) => !n.disabled && has(n, text));
  if (article) found = found.filter((n) => n.closest('article')?.textContent.includes(article));
  const node = found.at(-1);
  if (!node || node.closest('[aria-busy=true]')) return '';
  return middle(node);
}

function field(name, text) {
  const node = all(name, 'input:not([type=submit]), textarea').find((n) => has(n, text));
  return node ? middle(node) : '';
}

function sees(name, text) {
  const root = region(name);
  return !!root && documents(root).some((d) => (d.body || d).innerText.replace(/\s+/g, ' ').includes(text));
}
