// What the page knows of the program: the last minutes of samples, and which moment is looked at.

import { get } from './api.js';
import { sharedStream } from './shared.js';

const KEEP_NANOS = 150e9;
/** A tab that has not been seen for so long gives up its part in the event stream. */
const SLEEP_MILLIS = 10e3;
const listeners = new Map();

export const store = {
  program: null,
  /** Samples in the order of time; `t` in nanoseconds since the program's recorder began. */
  samples: [],
  /** Rare events of the last minutes (steals, hand-overs, GC): {t, type, p, q, g, n, d}. */
  marks: [],
  link: 'connecting',
  error: null,
  /** The moment looked at when paused, in nanoseconds; null: now. */
  at: null,
  sel: null,
  drops: { events: 0, samples: 0, clients: 0 },
  /** How many samples this page has missed because it read too slowly. */
  missed: 0,
  issues: null,
  lastArrival: 0,

  on(name, fn) {
    if (!listeners.has(name)) listeners.set(name, new Set());
    listeners.get(name).add(fn);
    return () => listeners.get(name).delete(fn);
  },
  say(name, value) {
    for (const fn of [...(listeners.get(name) ?? [])]) fn(value);
  },
  get live() {
    return this.at === null;
  },
  get newest() {
    return this.samples.at(-1) ?? null;
  },
  /** The time of the moment looked at; when live, it moves on between samples. */
  get time() {
    if (this.at !== null) return this.at;
    const s = this.newest;
    return s ? s.t + Math.min(400e6, (performance.now() - this.lastArrival) * 1e6) : 0;
  },
  /** The sample of the moment looked at. */
  get now() {
    return this.at === null ? this.newest : this.before(this.at);
  },
  /** The last sample at or before t; null if it is not kept. */
  before(t) {
    return this.samples[this.index(t)] ?? null;
  },
  /** Index of the last sample at or before t; -1 if there is none. */
  index(t) {
    const s = this.samples;
    let lo = 0, hi = s.length;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (s[mid].t <= t) lo = mid + 1;
      else hi = mid;
    }
    return lo - 1;
  },
  wall(t) {
    return (this.program?.started ?? 0) + t / 1e6;
  },
  pause(t = this.newest?.t ?? 0) {
    const first = this.samples[0]?.t ?? 0;
    const last = this.newest?.t ?? 0;
    this.at = Math.max(first, Math.min(last, t));
    this.say('time');
  },
  resume() {
    this.at = null;
    this.say('time');
  },
  select(sel) {
    this.sel = sel;
    this.say('select', sel);
  },
  /** A parameter for requests about the moment looked at. */
  get atParam() {
    return this.at === null ? null : Math.round(this.at);
  },
};

function take(sample, quiet) {
  const last = store.samples.at(-1);
  if (last && sample.t <= last.t) return;
  store.samples.push(sample);
  if (sample.marks) for (const m of sample.marks) store.marks.push(m);
  if (sample.drops) store.drops = sample.drops;
  const oldest = sample.t - KEEP_NANOS;
  if (store.samples[0].t < oldest - 10e9) {
    store.samples.splice(0, store.index(oldest));
    store.marks = store.marks.filter(m => m.t >= oldest);
  }
  store.lastArrival = performance.now();
  if (!quiet) store.say('sample', sample);
}

/** Samples are of one run of a program: another may have come in its place, with the same address. */
let samplesOf = '';
function belongTo(program) {
  const run = `${program.pid} ${program.started}`;
  if (samplesOf !== '' && samplesOf !== run) {
    store.samples.length = 0;
    store.marks.length = 0;
    if (store.at !== null) {
      store.resume();
      setParams({ at: null });
    }
  }
  samplesOf = run;
  store.program = program;
}

async function refill() {
  const state = await get('state', { history: 120 });
  belongTo(state.program);
  // Live samples may have come before their history: what is older goes in front.
  const live = store.samples.filter(s => s.t > (state.samples.at(-1)?.t ?? -1));
  store.samples.length = 0;
  store.marks.length = 0;
  for (const s of [...state.samples, ...live]) take(s, true);
  store.say('program');
  if (store.newest) store.say('sample', store.newest);
}

async function pollIssues() {
  if (document.visibilityState === 'visible' && store.link === 'open') {
    try {
      store.issues = await get('issues');
      store.say('issues');
    } catch { /* shown by the page of issues */ }
  }
  setTimeout(pollIssues, 3000);
}

export function connect() {
  let filling = null;
  const fill = () => {
    filling ??= refill().catch(e => { store.error = e; store.say('link'); }).finally(() => { filling = null; });
    return filling;
  };
  let missedBefore = 0; // on connections that have ended
  const on = {
    state(link, error) {
      const was = store.link;
      store.link = link;
      store.error = link === 'open' ? null : error ?? store.error;
      if (link !== 'open') missedBefore = store.missed;
      if (link === 'open' && was === 'lost') fill();
      store.say('link');
    },
    event(name, data) {
      if (name === 'sample') take(data);
      else if (name === 'missed') { store.missed = missedBefore + data.samples; store.say('link'); }
      else if (name === 'program') { belongTo(data); store.say('program'); }
    },
  };
  let stop = null;
  let sleepTimer = 0;
  const wake = () => {
    fill();
    stop = sharedStream('events', {}, on);
  };
  const sleep = () => {
    stop?.();
    stop = null;
    on.state('connecting');
  };
  const seen = () => {
    clearTimeout(sleepTimer);
    if (document.hidden) sleepTimer = setTimeout(sleep, SLEEP_MILLIS);
    else if (!stop) wake();
  };
  document.addEventListener('visibilitychange', seen);
  wake();
  seen();
  setTimeout(pollIssues, 800);
}

// ---- state in the address: #/page?key=value

export function readHash() {
  const raw = location.hash.replace(/^#\/?/, '');
  const cut = raw.indexOf('?');
  const params = new URLSearchParams(cut < 0 ? '' : raw.slice(cut + 1));
  return { page: (cut < 0 ? raw : raw.slice(0, cut)) || 'scheduler', params };
}

/** A parameter that is a number above 0; `other` if it is none. */
export function positive(params, name, other) {
  const n = Number(params.get(name));
  return n > 0 && n < Infinity ? n : other;
}

/** Changes parameters of the address without a new entry in the history. */
export function setParams(changes) {
  const { page, params } = readHash();
  for (const [k, v] of Object.entries(changes)) {
    if (v === null || v === undefined || v === '' || v === false) params.delete(k);
    else params.set(k, v);
  }
  const q = params.toString();
  const next = '#/' + page + (q ? '?' + q : '');
  if (next !== location.hash) history.replaceState(null, '', location.pathname + location.search + next);
}

export function go(page, params = {}) {
  const q = new URLSearchParams(Object.entries(params).filter(([, v]) => v !== null && v !== undefined && v !== ''));
  if (store.at !== null && !q.has('at')) q.set('at', Math.round(store.at));
  const s = q.toString();
  location.hash = '#/' + page + (s ? '?' + s : '');
}
