// Small tools for building the page: elements from data, never from markup in
// strings, so that nothing a shop or a member wrote can become markup.

// h makes an element. Properties: class, on (listeners by event), data
// (data-* attributes); everything else is an attribute; null and false are left out.
export function h(tag, props, ...kids) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') node.className = value;
    else if (name === 'on') for (const [event, fn] of Object.entries(value)) node.addEventListener(event, fn);
    else if (name === 'data') for (const [key, item] of Object.entries(value)) node.dataset[key] = item;
    else if (name === 'value' || name === 'disabled' || name === 'hidden') node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  add(node, kids);
  return node;
}

// add appends children: nodes, texts, nested lists; nothing for null or false.
export function add(node, kids) {
  for (const kid of kids.flat(Infinity)) {
    if (kid === null || kid === undefined || kid === false) continue;
    node.append(kid instanceof Node ? kid : String(kid));
  }
  return node;
}

// fill replaces the children of a node.
export function fill(node, ...kids) {
  node.replaceChildren();
  return add(node, kids);
}

// keyed brings a container's children in line with items. A child is kept when
// its key and signature are the same as before, so that pictures do not
// flicker and the focus stays where it is.
export function keyed(container, items, { key, sign, draw }) {
  const old = new Map();
  for (const child of [...container.children]) old.set(child.dataset.key, child);
  let place = null;
  for (const item of items) {
    const id = String(key(item));
    const signature = sign(item);
    let node = old.get(id);
    if (!node || node.signature !== signature) {
      const fresh = draw(item);
      fresh.dataset.key = id;
      fresh.signature = signature;
      if (node) {
        const focus = focused(node);
        node.replaceWith(fresh);
        if (focus) restore(fresh, focus);
      }
      else fresh.classList.add('fresh');
      node = fresh;
    }
    old.delete(id);
    const next = place ? place.nextSibling : container.firstChild;
    if (next !== node) container.insertBefore(node, next);
    place = node;
  }
  for (const gone of old.values()) gone.remove();
}

function focused(node) {
  const at = document.activeElement;
  return node.contains(at) ? (at.getAttribute('aria-label') || at.textContent) : null;
}

function restore(node, name) {
  for (const item of node.querySelectorAll('button, a, select, [tabindex]')) {
    if ((item.getAttribute('aria-label') || item.textContent) === name) { item.focus({ preventScroll: true }); return; }
  }
}

// example takes the answer out of a hint such as "10115, or - for none", so
// that whoever tries the shop need not invent one.
export function example(hint) { return (hint || '').split(/[,;(]/)[0].trim(); }

// clock writes a moment as hours and minutes in the reader's locale.
export function clock(date) {
  return date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

// size writes a number of bytes for people.
export function size(bytes) {
  if (!Number.isFinite(bytes)) return '';
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

// atEnd tells whether a scrolled box shows its end, toEnd goes there.
export function atEnd(box) { return box.scrollHeight - box.scrollTop - box.clientHeight < 90; }
export function toEnd(box) { box.scrollTop = box.scrollHeight; }

// stay keeps showing the end, if that is what a box shows, when its size or
// that of its one child changes: a picture has come, a phone was turned.
export function stay(box) {
  let end = true;
  box.addEventListener('scroll', () => { end = atEnd(box); });
  const watch = new ResizeObserver(() => { if (end) toEnd(box); });
  watch.observe(box);
  watch.observe(box.firstElementChild);
}
