// One event stream for all windows of a browser: it has six connections to a host, for all of them and all requests.

import { stream, token } from './api.js';

/** The window that reads says so this often, and one that says nothing for `SILENT` has been frozen by the browser. */
const BEAT = 4000;
const SILENT = 16e3;

/**
 * As `stream`, but of the windows that have called it with this path one reads, and tells the others what it hears; if it
 * closes, is closed or is frozen, another one goes on from the last event. A browser that cannot do that, or does not let
 * the page because it may store nothing, has a stream for each window.
 */
export function sharedStream(path, params, on) {
  const name = `jenny ${path} ${token}`; // a window with another token gets nothing
  const others = navigator.locks && window.BroadcastChannel ? channel(name) : null;
  if (!others) return stream(path, params, on);
  const self = crypto.getRandomValues(new Uint32Array(2)).join();
  let now = ['connecting'];
  let last = ''; // the id of the last event
  let missed = 0; // samples on this connection, and of these before this window was there
  let missedBefore = 0;
  let heard = performance.now();
  const state = (link, error) => {
    if (link !== 'open') missed = missedBefore = 0; // what is counted of a connection begins anew
    now = [link, error];
    on.state(link, error);
  };
  const event = (what, data, id) => {
    if (id) last = id;
    if (what !== 'missed') return on.event(what, data);
    missed = data.samples;
    on.event(what, { ...data, samples: missed - missedBefore });
  };
  const tell = message => {
    others.postMessage(message);
    hear(message);
  };
  const hear = m => (m.link ? state(m.link, m.error && Object.assign(new Error(m.error), { status: m.status })) : event(m.name, m.data, m.id));

  let read = null; // of the window that reads: what ends it
  let left = false;
  let turn = new AbortController();
  others.onmessage = ({ data: m }) => {
    if (m.ask) {
      if (read) others.postMessage({ to: m.ask, link: now[0], error: now[1]?.message, status: now[1]?.status, missed });
      return;
    }
    heard = performance.now();
    if (m.beat || (m.to && m.to !== self)) return;
    hear(m);
    if (m.to) missed = missedBefore = m.missed;
  };
  others.postMessage({ ask: self });

  /** Reads once no other window does; at once if the one that does is to be put aside. */
  function compete(steal) {
    turn.abort();
    turn = new AbortController();
    const mine = turn;
    navigator.locks.request(name, steal ? { steal } : { signal: mine.signal }, () => new Promise(done => {
      if (left) return done();
      if (now[0] === 'open') tell({ link: 'connecting' });
      const stop = stream(path, params, {
        state: (link, error) => tell({ link, error: error?.message, status: error?.status }),
        event: (what, data, id) => tell({ name: what, data, id }),
      }, last);
      read = () => {
        read = null;
        stop();
        done();
      };
    })).catch(() => {
      if (left || mine !== turn) return; // its turn is no longer waited for
      if (read) { // this window was frozen, and another one reads
        read();
        heard = performance.now();
        compete(false);
      } else { // locks are forbidden
        read = stream(path, params, { state, event });
      }
    });
  }
  compete(false);

  let looked = performance.now();
  const watch = setInterval(() => {
    const t = performance.now();
    if (t - looked > 2 * BEAT) heard = t; // it is this window that was frozen
    looked = t;
    if (read) others.postMessage({ beat: true });
    else if (t - heard > SILENT) {
      heard = t;
      compete(true);
    }
  }, BEAT);

  return () => {
    left = true;
    clearInterval(watch);
    turn.abort();
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
