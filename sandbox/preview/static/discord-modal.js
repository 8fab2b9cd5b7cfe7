// A modal: a form of text inputs that an app asks to fill in.

import { h, example } from './dom.js';
import { glyph } from './glyphs.js';

// modal opens the form in the panel and returns { done }, which closes it.
// submit is called with the values by custom_id and answers what came of it,
// cancel when the person closes the form.
export function modal(panel, form, { app, submit, cancel }) {
  const inputs = (form.components || []).flatMap((row) => (row.type === 1 ? row.components : row.type === 18 ? [{ ...row.component, label: row.label, description: row.description }] : [])).filter((c) => c.type === 4);
  const fields = inputs.map((c, i) => field(c, i));
  const problem = h('p', { class: 'dc-modal-problem', role: 'alert', hidden: true }, 'Something went wrong. Try again.');
  const button = h('button', { type: 'submit', class: 'dc-button dc-primary' }, 'Submit');
  const box = h('dialog', { class: 'dc-modal', 'aria-label': form.title, data: { testid: 'discord-modal' } },
    h('form', { on: { submit: send } },
      h('header', null, h('h2', null, form.title), h('button', { type: 'button', class: 'dc-modal-close', 'aria-label': 'Close form', on: { click: leave } }, glyph('close'))),
      h('p', { class: 'dc-modal-note' }, `This form will be submitted to ${app}. Do not share passwords or other sensitive information.`),
      h('div', { class: 'dc-modal-fields' }, fields,
        inputs.some((c) => c.placeholder) ? h('button', { type: 'button', class: 'sample', data: { testid: 'discord-example' }, on: { click: fillIn } }, 'Fill in the examples') : null), problem,
      h('footer', null, h('button', { type: 'button', class: 'dc-modal-cancel', on: { click: leave } }, 'Cancel'), button)));
  box.addEventListener('cancel', (event) => { event.preventDefault(); leave(); });
  panel.append(box);
  box.showModal();
  box.querySelector('input, textarea')?.focus();

  function fillIn() {
    for (const c of inputs) {
      const input = inputOf(c);
      if (!input.value) input.value = example(c.placeholder);
    }
    button.focus();
  }

  const inputOf = (c) => box.querySelector(`[name="${CSS.escape(c.custom_id)}"]`);

  async function send(event) {
    event.preventDefault();
    button.disabled = true;
    const values = Object.fromEntries(inputs.map((c) => [c.custom_id, inputOf(c).value]));
    const answer = await submit(values);
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
