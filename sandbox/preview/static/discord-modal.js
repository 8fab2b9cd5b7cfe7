// A modal: a form of text inputs and uploads that an app asks to fill in.

import { h, example } from './dom.js';
import { glyph } from './glyphs.js';
import { address, base64, chooser, sample } from './photo.js';

// modal opens the form in the panel and returns { done }, which closes it.
// submit is called with the values and the files by custom_id and answers what
// came of it, cancel when the person closes the form.
export function modal(panel, form, { app, submit, cancel }) {
  const all = (form.components || []).flatMap((row) => (row.type === 1 ? row.components : row.type === 18 ? [{ ...row.component, label: row.label, description: row.description }] : [])).filter((c) => c.type === 4 || c.type === 19);
  const inputs = all.filter((c) => c.type === 4);
  const uploads = new Map(all.filter((c) => c.type === 19).map((c) => [c.custom_id, upload(c)]));
  const fields = all.map((c, i) => (c.type === 19 ? uploads.get(c.custom_id).root : field(c, i)));
  const problem = h('p', { class: 'dc-modal-problem', role: 'alert', hidden: true }, 'Something went wrong. Try again.');
  const button = h('button', { type: 'submit', class: 'dc-button dc-primary' }, 'Submit');
  const box = h('dialog', { class: 'dc-modal', 'aria-label': form.title, data: { testid: 'discord-modal' } },
    h('form', { on: { submit: send } },
      h('header', null, h('h2', null, form.title), h('button', { type: 'button', class: 'dc-modal-close', 'aria-label': 'Close form', on: { click: leave } }, glyph('close'))),
      h('p', { class: 'dc-modal-note' }, `This form will be submitted to ${app}. Do not share passwords or other sensitive information.`),
      h('div', { class: 'dc-modal-fields' }, fields,
        uploads.size || inputs.some((c) => c.placeholder) ? h('button', { type: 'button', class: 'sample', data: { testid: 'discord-example' }, on: { click: fillIn } }, 'Fill in the examples') : null), problem,
      h('footer', null, h('button', { type: 'button', class: 'dc-modal-cancel', on: { click: leave } }, 'Cancel'), button)));
  box.addEventListener('cancel', (event) => { event.preventDefault(); leave(); });
  panel.append(box);
  box.showModal();
  box.querySelector('input, textarea')?.focus();

  async function fillIn() {
    for (const c of inputs) {
      const input = inputOf(c);
      if (!input.value) input.value = example(c.placeholder);
    }
    for (const one of uploads.values()) if (!one.data()) await one.take(await sample(), 'photo.jpg');
    button.focus();
  }

  const inputOf = (c) => box.querySelector(`[name="${CSS.escape(c.custom_id)}"]`);

  async function send(event) {
    event.preventDefault();
    for (const one of uploads.values()) if (!one.ready()) return;
    button.disabled = true;
    const values = Object.fromEntries(inputs.map((c) => [c.custom_id, inputOf(c).value]));
    const files = Object.fromEntries([...uploads].filter(([, one]) => one.data()).map(([id, one]) => [id, base64(one.data())]));
    const answer = await submit(values, files);
    button.disabled = false;
    problem.hidden = !!answer && !answer.failed;
  }

  function close() {
    box.close();
    box.remove();
  }

  function leave() {
    close();
    cancel();
  }

  return { done: close };
}

function field(c, i) {
  const id = `modal-field-${i}`;
  const needed = c.required !== false;
  const rules = {
    id, name: c.custom_id, placeholder: c.placeholder || null, required: needed, autocomplete: 'off',
    minlength: c.min_length || null, maxlength: c.max_length || '4000', value: c.value || '', data: { testid: 'modal-field' },
  };
  return h('label', { for: id }, h('span', null, c.label, needed ? h('i', { 'aria-hidden': 'true' }, ' *') : null),
    c.style === 2 ? h('textarea', { ...rules, rows: '3' }) : h('input', { type: 'text', ...rules }));
}

// upload is a field for one file, with what was chosen shown in it.
function upload(c) {
  const needed = (c.min_values ?? 1) > 0;
  let data = '';
  const picture = h('img', { class: 'dc-upload-picture', alt: '' });
  const name = h('span', { class: 'dc-upload-name' });
  const clear = h('button', { type: 'button', class: 'dc-upload-clear', 'aria-label': 'Take the photo away', title: 'Take the photo away', on: { click: () => show('', '') } }, glyph('close'));
  const problem = h('p', { class: 'dc-upload-problem', role: 'alert', hidden: true });
  const files = chooser(c.label, (file) => take(file, file.name));
  const button = h('button', { type: 'button', class: 'dc-upload-button', 'aria-label': `${c.label} Choose a photo`, on: { click: () => files.click() } },
    glyph('photo'), h('span', null, 'Choose a photo'));
  const chosen = h('div', { class: 'dc-upload-chosen' }, picture, name, clear);
  const root = h('div', { class: 'dc-upload' }, h('span', { class: 'dc-upload-label' }, c.label, needed ? h('i', { 'aria-hidden': 'true' }, ' *') : null),
    c.description ? h('small', null, c.description) : null, button, files, chosen, problem);
  show('', '');

  function show(next, words) {
    data = next;
    if (data) picture.src = data;
    else picture.removeAttribute('src');
    name.textContent = words;
    chosen.hidden = !data;
    button.hidden = !!data;
    problem.hidden = true;
  }

  function refuse(words) {
    problem.textContent = words;
    problem.hidden = false;
  }

  async function take(file, words) {
    const next = await address(file);
    if (next) show(next, words);
    else refuse('This file is too large. Choose one of at most 10 MB.');
  }

  // ready tells whether the form may go, and says what is missing.
  function ready() {
    if (data || !needed) return true;
    refuse('Choose a photo.');
    return false;
  }

  return { root, take, ready, data: () => data };
}
