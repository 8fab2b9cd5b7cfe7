// The page's own small drawings, on a grid of 24 by 24.

const paths = {
  awning: 'M4 5h16l1.6 5a2.7 2.7 0 0 1-4.8 1.4 3.1 3.1 0 0 1-4.8 0 3.1 3.1 0 0 1-4.8 0A2.7 2.7 0 0 1 2.4 10zM5 13.6c.8 0 1.6-.2 2.3-.6a5 5 0 0 0 4.7.4 5 5 0 0 0 4.7-.4c.7.4 1.5.6 2.3.6V20h-4.5v-4.5h-5V20H5z',
  send: 'M3 20.5 21.5 12 3 3.5 3 10l12 2-12 2z',
  close: 'M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z',
  out: 'M14 4h6v6h-2V7.4l-8.3 8.3-1.4-1.4L16.6 6H14zM5 6h6v2H6.9v9.1H16V13h2v6H5z',
  arrow: 'M8 7h9v9h-2V10.4L7.7 17.7 6.3 16.3 13.6 9H8z',
  share: 'M14 5l7 6.5-7 6.5v-4c-5 0-8.500 1.600-11 5 .8-5.500 4-9.500 11-10z',
  menu: 'M4 6h16v2H4zm0 5h16v2H4zm0 5h16v2H4z',
  slash: 'M14.900 4h2.200L9.100 20H6.900z',
  file: 'M6 3h8l5 5v13H6zm7 1.500V9h4.500z',
  down: 'M11 4h2v9.200l3.600-3.600L18 11l-6 6-6-6 1.400-1.400 3.600 3.600zM5 19h14v2H5z',
  eye: 'M12 5c5 0 8.500 4 10 7-1.500 3-5 7-10 7s-8.500-4-10-7c1.500-3 5-7 10-7zm0 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zm0 2a2 2 0 1 1 0 4 2 2 0 0 1 0-4z',
  sun: 'M12 7a5 5 0 1 1 0 10 5 5 0 0 1 0-10zm-1-6h2v4h-2zm0 18h2v4h-2zM1 11h4v2H1zm18 0h4v2h-4zM4.900 3.500l2.800 2.800-1.400 1.400L3.500 4.900zm12.800 12.800 2.800 2.800-1.400 1.400-2.800-2.800zM3.500 19.100l2.800-2.800 1.400 1.400-2.800 2.800zM16.300 6.300l2.800-2.800 1.400 1.400-2.800 2.800z',
  moon: 'M20.500 14.500A8.500 8.500 0 0 1 9.500 3.500a8.500 8.500 0 1 0 11 11z',
  plus: 'M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z',
  hash: 'M9.500 3h2l-.7 4h4l.7-4h2l-.7 4H21v2h-4.600l-1 6H20v2h-5l-.7 4h-2l.7-4H9l-.7 4h-2l.7-4H3v-2h4.400l1-6H4V7h4.800zm.9 6-1 6h4l1-6z',
  people: 'M9 5a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7zm7.500 1a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM2 19c0-3.500 3-5.500 7-5.500s7 2 7 5.500zm15.500 0c0-2-.7-3.700-2-5 3.700-.3 6.500 1.700 6.500 5z',
  check: 'M9.500 16.600 4.900 12l-1.400 1.400 6 6L21 7.900l-1.400-1.400z',
  chevron: 'M6.400 8.500 12 14.100l5.600-5.600L19 10l-7 7-7-7z',
  reply: 'M10 5v4c6 .5 9.500 4 10.500 10C18 15.500 15 14 10 14v4l-7-6.500z',
  lock: 'M7 10V8a5 5 0 0 1 10 0v2h1v10H6V10zm2 0h6V8a3 3 0 0 0-6 0z',
  clip: 'M16.500 6v10.500a4.500 4.500 0 0 1-9 0V5.500a3 3 0 0 1 6 0V16a1.500 1.500 0 0 1-3 0V6H9v10a3 3 0 0 0 6 0V5.500a4.500 4.500 0 0 0-9 0v11a6 6 0 0 0 12 0V6z',
  photo: 'M9 4h6l1.800 2.500H20a2 2 0 0 1 2 2V18a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V8.500a2 2 0 0 1 2-2h3.200zm3 4.500a4.700 4.700 0 1 0 0 9.400 4.700 4.700 0 0 0 0-9.400zm0 2a2.700 2.700 0 1 1 0 5.400 2.700 2.700 0 0 1 0-5.400z',
  copy: 'M8 3h12v13h-3v5H4V8h4zm2 2v3h7v6h1V5z',
};

// glyph draws one of them; decoration unless it is given a name.
export function glyph(name, label) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `glyph glyph-${name}`);
  if (label) {
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', label);
  } else svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', paths[name]);
  svg.append(path);
  return svg;
}

// ticks are the two check marks of a message that has arrived.
export function ticks() {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 18 12');
  svg.setAttribute('class', 'ticks');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', 'M1 6.500l3.500 3.500L11 2M8 9l1 1L16.500 2');
  svg.append(path);
  return svg;
}
