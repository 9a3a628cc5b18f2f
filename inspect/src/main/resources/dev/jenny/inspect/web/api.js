// Requests to the program. The token stands in the page's address (?t=…) and goes along in a header.

export const token = new URLSearchParams(location.search).get('t') ?? '';
const headers = token ? { Authorization: 'Bearer ' + token } : {};

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const PAGES = 'debug/'; // those of Go's names; all others are of the dashboard's API

function address(path, params) {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(params ?? {})) if (v !== null && v !== undefined && v !== '') q.set(k, v);
  const s = q.toString();
  return (path.startsWith(PAGES) ? '' : 'api/v1/') + path + (s ? '?' + s : '');
}

async function request(path, params, options) {
  let r;
  try {
    r = await fetch(address(path, params), { headers, cache: 'no-store', ...options });
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    throw new ApiError(0, 'The program does not answer. Has it ended?');
  }
  if (!r.ok) {
    const text = await r.text();
    let message = text;
    try { message = JSON.parse(text).error ?? text; } catch { /* not JSON: shown as it is */ }
    if (r.status === 401 || r.status === 403) message = 'The token is missing or wrong: open the address that the program printed.';
    throw new ApiError(r.status, message || 'HTTP ' + r.status);
  }
  return r;
}

export async function get(path, params, options) {
  return (await request(path, params, options)).json();
}

export async function post(path, params, options) {
  return (await request(path, params, { method: 'POST', ...options })).json();
}

/** The body as an ArrayBuffer; `progress(bytes)` is told how much has come. */
export async function binary(path, params, progress, options) {
  const r = await request(path, params, options);
  const parts = [];
  let size = 0;
  const reader = r.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.length;
    progress?.(size);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return all.buffer;
}

/** A file of the dashboard itself. */
export async function asset(name) {
  const r = await fetch('web/' + name);
  if (!r.ok) throw new ApiError(r.status, 'missing: ' + name);
  return r.json();
}

/**
 * Server-sent events through fetch, which, unlike EventSource, can send the token in a header.
 * Connects again by itself; `on.state('open' | 'lost')`, `on.event(name, data, id)`. `last` is the id of the last event
 * that is known already, so that the server can say what was missed.
 */
export function stream(path, params, on, last = '') {
  let stopped = false;
  let abort = null;
  let wait = 500;
  let heard = 0; // when the server, which sends something every 5 s, was heard last
  const silence = setInterval(() => { if (abort && performance.now() - heard > 16e3) abort.abort(); }, 2000);
  (async () => {
    while (!stopped) {
      abort = new AbortController();
      heard = performance.now();
      try {
        const r = await request(path, params, { signal: abort.signal, headers: last ? { ...headers, 'Last-Event-ID': last } : headers });
        on.state('open');
        wait = 500;
        const reader = r.body.pipeThrough(new TextDecoderStream()).getReader();
        let rest = '';
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          heard = performance.now();
          rest += value;
          let end;
          while ((end = rest.indexOf('\n\n')) >= 0) {
            last = message(rest.slice(0, end), on) || last;
            rest = rest.slice(end + 2);
          }
        }
      } catch (e) {
        if (stopped) return;
        on.state('lost', e);
      }
      if (stopped) return;
      on.state('lost');
      await new Promise(done => setTimeout(done, wait));
      wait = Math.min(wait * 2, 8000);
    }
  })();
  return () => {
    stopped = true;
    clearInterval(silence);
    abort?.abort();
  };
}

/** The id of the event, if it has one. */
function message(text, on) {
  let name = 'message';
  let data = '';
  let id = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('event:')) name = line.slice(6).trim();
    else if (line.startsWith('data:')) data += line.slice(5).trimStart();
    else if (line.startsWith('id:')) id = line.slice(3).trim();
  }
  if (data) on.event(name, JSON.parse(data), id);
  return id;
}
