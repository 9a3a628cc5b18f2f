// Searching a trace: for goroutines by number and by where they were started; for waits by their reason and by any frame
// of the stack; for regions, tasks and messages by their text.

import { h, colours, dur, int, many } from './ui.js';
import { setParams } from './store.js';
import { inSlices } from './slices.js';
import { upperIn, spanAt, sentence } from './trace-model.js';

const PIECE = 200_000;

/** The events that `text` fits, in the order of time: {events, what}, or null if `signal` has ended the search. */
export async function findEvents(m, text, signal) {
  const id = /^g?(\d+)$/.exec(text);
  const k = id ? m.dense.get(Number(id[1])) : undefined;
  if (k !== undefined) return { events: m.gEvents.subarray(m.gOff[k], m.gOff[k + 1]), what: `events of g${m.gids[k]}` };

  const q = text.toLowerCase();
  const fits = list => Uint8Array.from(list ?? [], x => x.toLowerCase().includes(q));
  const reasons = fits(m.head.reasons), texts = fits(m.head.texts), sites = fits(m.head.sites), frames = fits(m.head.frames);
  const stacks = Uint8Array.from(m.head.stacks ?? [], s => s.some(f => frames[f]));
  const firsts = firstEvents(m, sites);
  const has = list => list.includes(1);
  if (!has(reasons) && !has(stacks) && !has(texts)) return { events: firsts, what: told(firsts.length, 0, 0) };

  const { type, arg, more, hasMore, code, n } = m;
  const isTold = new Uint8Array(256);
  for (const ty of [code.region, code.task, code.log]) if (ty !== undefined) isTold[ty] = 1;
  const out = new Numbers();
  let at = 0, next = 0, waits = 0, says = 0;
  const step = (from, to) => {
    for (let i = from; i < to; i++) {
      const ty = type[i];
      const own = hasMore[ty] ? more[at++] : 0;
      const first = firsts[next] === i;
      if (first) next++;
      if (ty === code.park && (reasons[arg[i]] || stacks[own])) waits++;
      else if (isTold[ty] && texts[arg[i]]) says++;
      else if (!first) continue;
      out.add(i);
    }
  };
  return (await inSlices(n, PIECE, step, signal)) ? { events: out.list(), what: told(firsts.length, waits, says) } : null;
}

const told = (goroutines, waits, says) => [[goroutines, 'goroutine'], [waits, 'wait'], [says, 'message or region', 'messages and regions']]
  .filter(x => x[0] > 0).map(([v, one, more]) => `${v.toLocaleString('en')} ${v === 1 ? one : more ?? one + 's'}`).join(', ');

// goroutines have numbers in the order in which they appear, so these are in the order of time
function firstEvents(m, sites) {
  const out = new Numbers();
  for (let k = 0; k < m.gids.length; k++) if (m.siteOf[k] >= 0 && sites[m.siteOf[k]]) out.add(m.gEvents[m.gOff[k]]);
  return out.list();
}

class Numbers {
  constructor() {
    this.all = new Uint32Array(1024);
    this.size = 0;
  }

  add(v) {
    if (this.size === this.all.length) {
      const old = this.all;
      this.all = new Uint32Array(2 * old.length);
      this.all.set(old);
    }
    this.all[this.size++] = v;
  }

  list() {
    return this.all.slice(0, this.size);
  }
}

/** First index in `events` that is later than time x. */
export function upperFind(m, events, x) {
  let lo = 0, hi = events.length;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (m.t[events[mid]] <= x) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/** What the viewer selects for event i: a wait, a message, a region, or only the moment. */
export function selectionOf(m, i) {
  const ty = m.type[i], { code } = m;
  const of = { at: m.t[i] };
  if (ty === code.park) of.park = i;
  else if (ty === code.log || ty === code.task) of.note = i;
  else if (ty === code.region) {
    const k = m.dense.get(m.g[i]);
    if (k !== undefined) of.span = spanOf(m, k, i);
  }
  return of;
}

function spanOf(m, k, i) {
  let s = upperIn(m.spanStart, m.spanOff[k], m.spanOff[k + 1], m.t[i]) - 1;
  while (s > m.spanOff[k] && m.spanEvent[s] !== i) s--;
  return m.spanEvent[s] === i ? s : spanAt(m, k, m.t[i]);
}

/** In the box (x, y, w, ht) a tick for every other pixel of [a, b] that has a find. */
export function drawFinds(ctx, m, events, x, y, w, ht, a, b) {
  ctx.fillStyle = colours().accent;
  const scale = w / (b - a);
  for (let j = upperFind(m, events, a); j < events.length;) {
    const t = m.t[events[j]];
    if (t > b) return;
    ctx.fillRect(x + (t - a) * scale - 1, y, 2, ht);
    j = Math.max(j + 1, upperFind(m, events, t + 2 / scale));
  }
}

/**
 * The search box. `model()` is the trace that is searched, `at()` {window, event}: what is shown, and the event that is
 * selected; `show(i)` selects event i; `drawn()` is told when there are other finds to be drawn.
 */
export function findBox({ model, at, show, say, drawn, text = '' }) {
  let last = null; // the search that was begun last: its trace, its text, and what will be found
  let found = null; // by it, once it is over
  let ending = null;
  const input = h('input', {
    type: 'search', value: text, 'aria-label': 'Search goroutines, sites, waits, regions and messages', placeholder: 'g17, a site, a wait …',
    oninput: () => { if (!input.value.trim()) search(); }, onkeydown: e => { if (e.key === 'Enter') step(e.shiftKey ? -1 : 1); },
  });
  const count = h('span', { class: 'small muted nowrap' });
  const button = (name, key, sign, d) => h('button', { type: 'button', class: 'icon', 'aria-label': name, title: `${name} (${key})`, onclick: () => step(d) }, sign);
  const element = h('span', { class: 'row', role: 'search' }, input, button('Previous find', 'k', '◂', -1), button('Next find', 'j', '▸', 1), count);

  /** The finds, from a search if need be; null if there is nothing to search or another search has begun. */
  function search({ quiet = false } = {}) {
    const m = model(), text = input.value.trim();
    if (!last || last.m !== m || last.text !== text) {
      setParams({ find: text });
      ending?.abort();
      ending = new AbortController();
      found = null;
      count.textContent = '';
      drawn();
      last = m && text ? { m, text, finds: look(m, text, quiet, ending.signal) } : null; // keeps no trace for nothing
    }
    return last?.finds ?? null;
  }
  async function look(m, text, quiet, signal) {
    if (!quiet) say('Searching …');
    const r = await findEvents(m, text, signal);
    if (!r || model() !== m) return null;
    found = { m, ...r };
    count.textContent = many(r.events.length, 'find');
    if (!quiet) say(r.events.length ? `${many(r.events.length, 'find')}: ${r.what}` : `Nothing in this trace is called ${text}.`);
    drawn();
    return found;
  }

  /** To the find after the one that is selected, or before it; if none is, to the first or last in the window. */
  async function step(d) {
    const of = await search();
    if (!of?.events.length) return;
    const { m, events } = of;
    const { window, event } = at();
    let j = event === undefined ? -1 : indexOf(m, events, event);
    if (j >= 0) j += d;
    else j = d > 0 ? upperFind(m, events, window[0] - 1e-3) : upperFind(m, events, window[1]) - 1;
    j = (j + events.length) % events.length;
    show(events[j]);
    count.textContent = `${int(j + 1)} of ${many(events.length, 'find')}`;
    say(`${int(j + 1)} of ${many(events.length, 'find')} (${of.what}): +${dur(m.t[events[j]] - m.t0)}: ${sentence(m, events[j])}`);
  }

  return {
    element, input, search, step,
    get events() { return found && found.m === model() ? found.events : null; },
    /** Searches for `text` and shows the first find in the window. */
    of(text) {
      input.value = text;
      step(1);
    },
    close() { ending?.abort(); },
  };
}

// the index of event i among the finds; -1 if it is none
function indexOf(m, events, i) {
  let j = upperFind(m, events, m.t[i]) - 1;
  while (j > 0 && events[j] !== i && m.t[events[j - 1]] === m.t[i]) j--;
  return events[j] === i ? j : -1;
}
