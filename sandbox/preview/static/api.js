// What the page asks of the preview's server: who and what there is (page),
// what a person sees on a platform (look), what they do (act), and the news
// that something has changed (listen).

const base = 'preview/api/';

async function call(path, options) {
  let response;
  try {
    response = await fetch(base + path, options);
  } catch {
    throw new Error('The preview does not answer. Is the program still running?');
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error || `The preview answered ${response.status}.`);
  return body;
}

export function page() { return call('page'); }

export function look(platform, person) {
  return call(`${platform}?as=${encodeURIComponent(person)}`);
}

export function act(platform, verb, body) {
  return call(`${platform}/${verb}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

export function fileURL(platform, person, id) {
  return `${base}${platform}/file?as=${encodeURIComponent(person)}&id=${encodeURIComponent(id)}`;
}

// listen calls onChange with the platform whose chats have changed, and
// onLine with whether the server is there. The browser connects again by itself.
export function listen(onChange, onLine) {
  const source = new EventSource('preview/events');
  source.addEventListener('open', () => onLine(true));
  source.addEventListener('error', () => onLine(false));
  source.addEventListener('change', (event) => onChange(JSON.parse(event.data)));
  return source;
}
