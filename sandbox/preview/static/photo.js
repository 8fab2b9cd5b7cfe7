// Photos that a person sends: chosen from their own, or drawn here for whoever
// only tries the shop.

import { h } from './dom.js';

const longest = 1280; // pixels of a side that Telegram's client sends
const largest = 10 * 1024 * 1024; // bytes that Discord's client takes

// chooser is a field for one photo, which stays out of sight: a button of the
// page opens it. chosen is called with the file.
export function chooser(name, chosen) {
  const node = h('input', {
    type: 'file', accept: 'image/*', hidden: true, 'aria-label': name,
    on: { change: () => { const [file] = node.files; node.value = ''; if (file) chosen(file); } },
  });
  return node;
}

// asked tells whether a hint asks for a photo, as the person would read it.
export function asked(hint) { return /\bphoto\b/i.test(hint || ''); }

// shrink makes a JPEG of a photo, as Telegram's client does before it sends
// one; null where it is no picture.
export async function shrink(file) {
  let picture;
  try { picture = await createImageBitmap(file); } catch { return null; }
  const part = Math.min(1, longest / Math.max(picture.width, picture.height));
  const { canvas, pen } = paper(Math.max(1, Math.round(picture.width * part)), Math.max(1, Math.round(picture.height * part)));
  pen.fillStyle = '#fff'; // behind what can be seen through
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return jpeg(canvas);
}

// address is a file as an address of its own, with which it can be shown; null
// where it is too large to be sent.
export function address(file) {
  if (file.size > largest) return Promise.resolve(null);
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => done(reader.result));
    reader.addEventListener('error', () => failed(reader.error));
    reader.readAsDataURL(file);
  });
}

// base64 is what the preview's server takes of such an address.
export function base64(data) { return data.slice(data.indexOf(',') + 1); }

// sample draws a parcel that has come open, and returns a JPEG.
export function sample() {
  const { canvas, pen } = paper(960, 720);
  const fill = (colour, ...points) => {
    pen.fillStyle = colour;
    pen.beginPath();
    points.forEach(([x, y]) => pen.lineTo(x, y));
    pen.fill();
  };
  fill('#e9e2d6', [0, 0], [960, 0], [960, 430], [0, 430]);
  fill('#b99873', [0, 430], [960, 430], [960, 720], [0, 720]);
  fill('rgb(60 35 10 / .28)', [250, 560], [700, 560], [800, 620], [330, 640]);
  fill('#7d5631', [280, 300], [480, 240], [700, 290], [500, 360]);
  fill('#c48f58', [280, 300], [500, 360], [500, 610], [280, 540]);
  fill('#ad7a46', [500, 360], [700, 290], [700, 530], [500, 610]);
  fill('#dba970', [280, 300], [500, 360], [420, 430], [190, 360]);
  fill('#d29f66', [500, 360], [700, 290], [810, 340], [600, 425]);
  fill('#e3b47e', [480, 240], [700, 290], [760, 200], [550, 160]);
  fill('#f3ead9', [330, 455], [430, 482], [430, 540], [330, 513]);
  pen.strokeStyle = '#5b3c1f';
  pen.lineWidth = 5;
  pen.beginPath(); // the crack
  [[610, 322], [590, 380], [622, 420], [585, 470], [612, 520], [598, 570]].forEach(([x, y]) => pen.lineTo(x, y));
  pen.stroke();
  return jpeg(canvas);
}

function paper(width, height) {
  const canvas = h('canvas', { width: String(width), height: String(height) });
  return { canvas, pen: canvas.getContext('2d') };
}

function jpeg(canvas) { return new Promise((done) => { canvas.toBlob(done, 'image/jpeg', 0.85); }); }
