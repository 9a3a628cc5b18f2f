// One event stream for all windows of a browser: it has six connections to a host, for all of them and all requests.

import { stream, token } from './api.js';

/**
 * As `stream`, but of the windows that have called it with this path one reads, and tells the others what it hears; if it
 * closes, or is closed, another one goes on from the last event. A browser that cannot do that, or does not let the page
 * because it may store nothing, has a stream for each window.
 */
export function sharedStream(path, params, on) {
  const name = `jenny ${path} ${token}`; // a window with another token gets nothing
  const others = navigator.locks && window.BroadcastChannel ? channel(name) : null;
  if (!others) return stream(path, params, on);
  const left = new AbortController();
  let now = ['connecting'];
  let last = ''; // the id of the last event
  const state = (link, error) => {
    now = [link, error];
    on.state(link, error);
  };
  const event = (what, data, id) => {
    if (id) last = id;
    on.event(what, data);
  };
  const tell = message => {
    others.postMessage(message);
    hear(message);
  };
  const hear = m => (m.link ? state(m.link, m.error && Object.assign(new Error(m.error), { status: m.status })) : event(m.name, m.data, m.id));

  let read = null; // of the window that reads: what ends it
  others.onmessage = ({ data: m }) => {
    if (!m.ask) hear(m);
    else if (read) others.postMessage({ link: now[0], error: now[1]?.message, status: now[1]?.status });
  };
  others.postMessage({ ask: true });
  navigator.locks.request(name, { signal: left.signal }, () => new Promise(done => {
    if (now[0] === 'open') tell({ link: 'connecting' }); // what is counted of a connection begins anew
    const stop = stream(path, params, {
      state: (link, error) => tell({ link, error: error?.message, status: error?.status }),
      event: (what, data, id) => tell({ name: what, data, id }),
    }, last);
    read = () => {
      stop();
      done();
    };
  })).catch(() => { // it has left before its turn came; or locks are forbidden
    if (!left.signal.aborted) read = stream(path, params, { state, event });
  });
  return () => {
    left.abort();
    read?.();
    others.close();
  };
}

function channel(name) {
  try {
    return new BroadcastChannel(name);
  } catch {
    return null; // forbidden
  }
}
