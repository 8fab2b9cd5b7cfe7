// What Telegram's client shows to have an invoice paid: what is due, where to
// send it, how, and a card. It asks the bot as a client does, step by step.

import { h, fill } from './dom.js';
import { glyph } from './glyphs.js';

const places = [
  ['Berlin, Germany', { Name: 'Ann Example', Street: '12 Rose Street', Postcode: '10115', City: 'Berlin', Country: 'DE' }],
  ['Vienna, Austria', { Name: 'Ann Example', Street: 'Ringweg 2', Postcode: '1010', City: 'Wien', Country: 'AT' }],
  ['Lyon, France', { Name: 'Ann Example', Street: '3 rue des Roses', Postcode: '69001', City: 'Lyon', Country: 'FR' }],
];

// amount writes minor units as Telegram does: the number of digits is the
// currency's own.
export function amount(minor, currency) {
  const f = new Intl.NumberFormat([], { style: 'currency', currency });
  return f.format(minor / 10 ** f.resolvedOptions().maximumFractionDigits);
}

// drawn is an invoice within its message.
export function drawn(invoice) {
  return h('div', { class: 'tg-invoice' },
    h('b', null, invoice.title),
    h('span', { class: 'tg-invoice-what' }, invoice.description),
    h('span', { class: 'tg-invoice-sum' }, amount(invoice.total_amount, invoice.currency), invoice.paid ? h('i', null, 'Paid') : null));
}

// checkout opens the form over the panel. ask(verb, body) asks the bot and
// returns { options } or { refused }; done is called once the money is taken.
export function checkout(panel, invoice, { ask, done }) {
  let options = null; // the ways to send it, once the bot has told
  const lines = h('dl', { class: 'tg-pay-lines' });
  const problem = h('p', { class: 'tg-pay-problem', role: 'alert', hidden: true });
  const button = h('button', { type: 'submit', class: 'tg-pay-button', data: { testid: 'telegram-pay' } });
  const ways = h('fieldset', { class: 'tg-pay-ways', hidden: true });
  const inputs = ['Name', 'Street', 'Postcode', 'City', 'Country'].map((name) => h('input', {
    type: 'text', name, value: places[0][1][name], required: true, autocomplete: 'off', maxlength: name === 'Country' ? '2' : '100', on: { input: forget },
  }));
  const known = h('select', { 'aria-label': 'An address to try', on: { change: pick } }, places.map(([label], i) => h('option', { value: String(i) }, label)));
  const address = invoice.asks ? h('fieldset', { class: 'tg-pay-address' }, h('legend', null, 'Shipping address'), known,
    inputs.map((input) => h('label', null, h('span', null, input.name === 'Country' ? 'Country code' : input.name), input))) : null;
  const where = () => Object.fromEntries(inputs.map((i) => [i.name, i.value.trim()]));
  const chosen = () => options?.find((o) => o.id === ways.querySelector('input:checked')?.value);
  const box = h('dialog', { class: 'tg-pay', 'aria-label': 'Checkout', data: { testid: 'telegram-checkout' } },
    h('form', { on: { submit: send } },
      h('header', null, h('h2', null, 'Checkout'), h('button', { type: 'button', class: 'tg-pay-close', 'aria-label': 'Close checkout', on: { click: close } }, glyph('close'))),
      h('div', { class: 'tg-pay-body' },
        h('div', { class: 'tg-pay-what' }, h('b', null, invoice.title), h('span', null, invoice.description)),
        address, ways, lines,
        h('p', { class: 'tg-pay-card' }, 'Card', h('span', null, 'Test card •••• 4242'))),
      problem, h('footer', null, button)));
  box.addEventListener('cancel', (event) => { event.preventDefault(); close(); });
  draw();
  panel.append(box);
  box.show(); // not modal: the other platform and the top bar stay in reach
  box.addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
  button.focus();

  function pick() {
    for (const input of inputs) input.value = places[Number(known.value)][1][input.name];
    forget();
  }

  // forget takes back the ways: they were those of another address.
  function forget() {
    options = null;
    ways.hidden = true;
    tell('');
    draw();
  }

  function draw() {
    const extra = chosen()?.prices || [];
    const total = [...invoice.prices, ...extra].reduce((sum, p) => sum + p.amount, 0);
    fill(lines, [...invoice.prices, ...extra, { label: 'Total', amount: total }].map((p) => h('div', null, h('dt', null, p.label), h('dd', null, amount(p.amount, invoice.currency)))));
    button.textContent = invoice.asks && !options ? 'Continue' : `Pay ${amount(total, invoice.currency)}`;
  }

  function tell(text) {
    problem.textContent = text;
    problem.hidden = !text;
  }

  async function send(event) {
    event.preventDefault();
    button.disabled = true;
    tell('');
    if (invoice.asks && !options) await askWays();
    else await pay();
    button.disabled = false;
  }

  async function askWays() {
    const answer = await ask('ways', { values: where() });
    if (!answer || answer.refused) { tell(answer?.refused || 'The shop does not answer. Try again.'); return; }
    options = answer.options;
    fill(ways, h('legend', null, 'Shipping'), options.map((o, i) => h('label', null,
      h('input', { type: 'radio', name: 'way', value: o.id, checked: i === 0, on: { change: draw } }), h('span', null, o.title),
      h('b', null, amount(o.prices.reduce((sum, p) => sum + p.amount, 0), invoice.currency)))));
    ways.hidden = false;
    draw();
    button.scrollIntoView({ block: 'end' });
    button.focus();
  }

  async function pay() {
    const answer = await ask('pay', { values: where(), option: chosen()?.id || '' });
    if (!answer || answer.refused) { tell(answer?.refused || 'The shop does not answer. Try again.'); return; }
    close();
    done();
  }

  function close() {
    box.close();
    box.remove();
  }
}
