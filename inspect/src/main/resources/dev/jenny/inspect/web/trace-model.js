// A recorded trace in typed arrays, with what is needed to draw any window of it in time that does not
// depend on how many events lie in it: per lane, slices in order and the running sum of their lengths.
// All that grows with the trace is a typed array, so that a worker can build it and hand it over uncopied.
//
// The file of /api/v1/trace, little-endian:
//   "JTRC", u32 version = 1, u32 header bytes, header (JSON, padded to a multiple of 8),
//   f64 t[count] (ns from the header's start), u32 g[count], u32 arg[count] (goroutines: the last 32 bits), u16 p[count], u8 type[count],
//   padding to a multiple of 4, u32 more[]: in turn, a number for each event of the header's types `more`
// header: count, types, reasons, sites, goroutines {id, site, parent}, more, frames, stacks, texts,
//   pauses {begin, end, name, gc (1, or 0 for another reason)}, procs, dropped, whole (ns: from here on no ring lacks events), start (ns), wall (ms);
//   before there was `more`, files ended with the types

import { countRunnable, queueBuffers } from './trace-queue.js';

export const NO_P = 0xffff;

export function parse(buffer) {
  const d = new DataView(buffer);
  if (buffer.byteLength < 12 || d.getUint32(0, false) !== 0x4a545243) throw new Error('This is not a trace of Jenny\'s (JTRC).');
  if (d.getUint32(4, true) !== 1) throw new Error('This trace has another version; use the dashboard of the program that wrote it.');
  const size = d.getUint32(8, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 12, size)));
  const n = head.count;
  let at = 12 + size;
  const t = new Float64Array(buffer, at, n);
  at += 8 * n;
  const g = new Uint32Array(buffer, at, n);
  at += 4 * n;
  const arg = new Uint32Array(buffer, at, n);
  at += 4 * n;
  const p = new Uint16Array(buffer, at, n);
  at += 2 * n;
  const type = new Uint8Array(buffer, at, n);
  at = Math.ceil((at + n) / 4) * 4;
  const more = head.more ? new Uint32Array(buffer, at, Math.floor((buffer.byteLength - at) / 4)) : new Uint32Array(0);
  return { head, n, t, g, arg, p, type, more };
}

/** From JSON rows [t, type name, p, g, arg]: recorded runs of the Learn page, and tests. */
export function fromRows(head, rows) {
  const n = rows.length;
  const m = { head: { ...head, count: n }, n, t: new Float64Array(n), g: new Uint32Array(n), arg: new Uint32Array(n), p: new Uint16Array(n), type: new Uint8Array(n), more: new Uint32Array(0) };
  rows.forEach((r, i) => {
    m.t[i] = r[0];
    m.type[i] = head.types.indexOf(r[1]);
    m.p[i] = r[2] < 0 ? NO_P : r[2];
    m.g[i] = r[3];
    m.arg[i] = r[4];
  });
  return m;
}

/** Adds lanes and indices to what `parse` gives. */
export function build(m) {
  const { n, t, g, p, type, head } = m;
  const code = Object.fromEntries(head.types.map((x, i) => [x, i]));
  const START = code.start, PARK = code.park, YIELD = code.yield, END = code.end, CREATE = code.create, READY = code.ready, STEAL = code.steal, HANDOFF = code.handoff ?? -1;
  let procs = head.procs ?? 1;
  for (let i = 0; i < n; i++) if (p[i] !== NO_P && p[i] >= procs) procs = p[i] + 1;
  const starts = new Uint32Array(procs);
  for (let i = 0; i < n; i++) if (type[i] === START && p[i] !== NO_P) starts[p[i]]++;

  // goroutines, numbered densely in the order in which they appear
  const isG = new Uint8Array(256);
  for (const ty of [START, PARK, YIELD, END, CREATE, READY, HANDOFF]) if (ty >= 0) isG[ty] = 1;
  const dense = new Ids();
  const num = new Uint32Array(n);
  for (let i = 0; i < n; i++) num[i] = isG[type[i]] ? dense.add(g[i]) : NONE;
  const gids = Float64Array.from(dense.list()); // the last 32 bits, until the header tells all of them
  const gOff = new Uint32Array(gids.length + 1);
  for (let i = 0; i < n; i++) if (num[i] !== NONE) gOff[num[i] + 1]++;
  for (let k = 0; k < gids.length; k++) gOff[k + 1] += gOff[k];
  const fill = gOff.slice(0, -1);
  const gEvents = new Uint32Array(gOff[gids.length]);
  for (let i = 0; i < n; i++) if (num[i] !== NONE) gEvents[fill[num[i]]++] = i;

  const siteOf = new Int32Array(gids.length).fill(-1);
  const parentOf = new Float64Array(gids.length);
  const info = head.goroutines;
  if (info) {
    for (let i = 0; i < info.id.length; i++) {
      const k = dense.get(info.id[i]);
      if (k !== undefined) { gids[k] = info.id[i]; siteOf[k] = info.site[i]; parentOf[k] = info.parent?.[i] ?? 0; }
    }
    delete head.goroutines; // millions of numbers that nobody needs twice
  }

  const lanes = [];
  for (let q = 0; q < procs; q++) lanes.push({ p: q, start: new Float64Array(starts[q]), end: new Float64Array(starts[q]), g: new Uint32Array(starts[q]), event: new Uint32Array(starts[q]), last: new Uint32Array(starts[q]), sum: new Float64Array(starts[q] + 1), n: 0 });
  const open = new Int32Array(procs).fill(-1);
  const t1 = n ? t[n - 1] : 1;
  const finish = (q, time, ev) => {
    const l = lanes[q];
    const s = open[q];
    l.end[s] = time;
    l.last[s] = ev;
    l.sum[s + 1] = l.sum[s] + time - l.start[s];
    open[q] = -1;
  };
  // per goroutine: time running, runnable, and the longest wait in a queue
  const runNs = new Float64Array(gids.length);
  const readyNs = new Float64Array(gids.length);
  const state = new Uint8Array(gids.length); // 0 unknown, 1 runnable, 2 running, 3 waiting
  const since = new Float64Array(gids.length);
  const worst = { ready: [], run: [], wait: [] };
  const keep = (list, v, i, k) => {
    if (list.length < 12 || v > list.at(-1)[0]) {
      list.push([v, i, k]);
      list.sort((a, b) => b[0] - a[0]);
      if (list.length > 12) list.pop();
    }
  };
  let stealCount = 0;
  for (let i = 0; i < n; i++) if (type[i] === STEAL) stealCount++;
  const steals = new Uint32Array(stealCount);
  stealCount = 0;
  for (let i = 0; i < n; i++) {
    const ty = type[i], q = p[i], time = t[i], k = num[i];
    if (ty === START) {
      if (q !== NO_P) {
        if (open[q] >= 0) finish(q, time, i);
        const l = lanes[q];
        const s = l.n++;
        l.start[s] = time;
        l.g[s] = k;
        l.event[s] = i;
        open[q] = s;
      }
      if (state[k] === 1) { const w = time - since[k]; readyNs[k] += w; keep(worst.ready, w, i, k); }
      state[k] = 2; since[k] = time;
    } else if (ty === PARK || ty === YIELD || ty === END) {
      if (q !== NO_P && open[q] >= 0) finish(q, time, i);
      if (state[k] === 2) { const w = time - since[k]; runNs[k] += w; keep(worst.run, w, i, k); }
      state[k] = ty === YIELD ? 1 : ty === PARK ? 3 : 0;
      since[k] = time;
    } else if (ty === READY || ty === CREATE) {
      if (state[k] === 3) { const w = time - since[k]; if (ty === READY) keep(worst.wait, w, i, k); }
      if (state[k] !== 2) { state[k] = 1; since[k] = time; }
    } else if (ty === STEAL) {
      steals[stealCount++] = i;
    }
  }
  for (let q = 0; q < procs; q++) if (open[q] >= 0) finish(q, t1, n - 1);
  for (const l of lanes) sumSites(l, siteOf, head.sites?.length ?? 0);
  // the goroutines that ran most
  const most = [];
  for (let k = 0; k < gids.length; k++) {
    if (most.length < MOST || runNs[k] > runNs[most.at(-1)]) {
      most.push(k);
      most.sort((x, y) => runNs[y] - runNs[x]);
      if (most.length > MOST) most.pop();
    }
  }
  return { ...m, ...countMore(m), ...ownEvents(m, code, dense, gids.length, t1), ...countRunnable(m, code, num, gids.length), code, procs, lanes, dense, gids, gOff, gEvents, num, siteOf, parentOf, runNs, readyNs, worst, most, steals, stealCount, t0: n ? t[0] : 0, t1 };
}

// How many numbers of `more` belong to the events before every so many.
const MORE_EVERY = 4096;
function countMore({ n, type, head }) {
  const hasMore = new Uint8Array(256);
  for (const name of head.more ?? []) hasMore[head.types.indexOf(name)] = 1;
  const moreAt = new Uint32Array(Math.floor(n / MORE_EVERY) + 1);
  for (let i = 0, at = 0; i < n; i++) {
    if (i % MORE_EVERY === 0) moreAt[i / MORE_EVERY] = at;
    at += hasMore[type[i]];
  }
  return { hasMore, moreAt };
}

/** The number that event i has in `more`; 0 if it has none. */
export function moreOf(m, i) {
  if (!m.hasMore[m.type[i]]) return 0;
  const j = Math.floor(i / MORE_EVERY);
  let at = m.moreAt[j];
  for (let k = j * MORE_EVERY; k < i; k++) at += m.hasMore[m.type[k]];
  return m.more[at] ?? 0;
}

/** Where the goroutine of event i, a park, waits: its frames, the innermost first; none if that is not known. */
export const stackOf = (m, i) => (m.head.stacks?.[moreOf(m, i)] ?? []).map(f => m.head.frames[f]);

/**
 * What the program itself tells. Per goroutine, in the order of time: its notes, which are messages and where tasks begin
 * and end; its regions, which are spans that nest: when each begins and ends, the event, the span around it and how many
 * there are around that.
 */
function ownEvents({ n, t, g, arg, type }, code, dense, count, t1) {
  const BEGIN = code.region ?? -1, STOP = code.regionEnd ?? -1;
  const isNote = new Uint8Array(256);
  for (const ty of [code.log, code.task, code.taskEnd]) if (ty !== undefined) isNote[ty] = 1;
  const noteOff = new Uint32Array(count + 1), spanOff = new Uint32Array(count + 1);
  for (let i = 0; i < n; i++) {
    if (type[i] !== BEGIN && !isNote[type[i]]) continue;
    const k = dense.get(g[i]);
    if (k !== undefined) (type[i] === BEGIN ? spanOff : noteOff)[k + 1]++;
  }
  for (let k = 0; k < count; k++) { noteOff[k + 1] += noteOff[k]; spanOff[k + 1] += spanOff[k]; }
  const notes = new Uint32Array(noteOff[count]);
  const spans = spanOff[count];
  const spanStart = new Float64Array(spans), spanEnd = new Float64Array(spans).fill(t1), spanEvent = new Uint32Array(spans), spanParent = new Int32Array(spans), spanDepth = new Uint8Array(spans);
  const own = { noteOff, notes, spanOff, spanStart, spanEnd, spanEvent, spanParent, spanDepth };
  if (!spans && !notes.length) return own;
  const nextNote = noteOff.slice(0, -1), nextSpan = spanOff.slice(0, -1), open = new Int32Array(count).fill(-1);
  for (let i = 0; i < n; i++) {
    const ty = type[i];
    if (ty !== BEGIN && ty !== STOP && ty !== code.end && !isNote[ty]) continue;
    const k = dense.get(g[i]);
    if (k === undefined) continue;
    if (isNote[ty]) notes[nextNote[k]++] = i;
    else if (ty === BEGIN) {
      const s = nextSpan[k]++, around = open[k];
      spanStart[s] = t[i];
      spanEvent[s] = i;
      spanParent[s] = around;
      spanDepth[s] = around < 0 ? 0 : Math.min(254, spanDepth[around]) + 1;
      open[k] = s;
    } else {
      let to = open[k]; // the region that ends, and with it those within it; with the goroutine all of them
      while (to >= 0 && ty === STOP && arg[spanEvent[to]] !== arg[i]) to = spanParent[to];
      if (ty === STOP && to < 0) continue; // it began before the trace
      const around = ty === STOP ? spanParent[to] : -1;
      for (let s = open[k]; s !== around; s = spanParent[s]) spanEnd[s] = t[i];
      open[k] = around;
    }
  }
  return own;
}

/** Whether goroutine k has regions or notes. */
export const hasOwn = (m, k) => m.spanOff[k + 1] > m.spanOff[k] || m.noteOff[k + 1] > m.noteOff[k];

/** The innermost region of goroutine k at time x; -1 if there is none. */
export function spanAt(m, k, x) {
  let s = upperIn(m.spanStart, m.spanOff[k], m.spanOff[k + 1], x) - 1;
  if (s < m.spanOff[k]) return -1;
  while (s >= 0 && m.spanEnd[s] < x) s = m.spanParent[s];
  return s;
}

/** First index in goroutine k's part of m.notes whose event is later than x. */
export function upperNote(m, k, x) {
  let lo = m.noteOff[k], hi = m.noteOff[k + 1];
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (m.t[m.notes[mid]] <= x) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/** The text of an event of the program's own. */
export const textOf = (m, i) => m.head.texts?.[m.arg[i]] ?? '';

/** The buffers of what `build` gives: to be handed over, not copied. */
export function buffers(m) {
  const all = [m.t, m.moreAt, m.gids, m.noteOff, m.notes, m.spanOff, m.spanStart, m.spanEnd, m.spanEvent, m.spanParent, m.spanDepth, m.gOff, m.gEvents, m.num, m.siteOf, m.parentOf, m.runNs, m.readyNs, m.steals, m.dense.keys, m.dense.numbers];
  for (const l of m.lanes) all.push(l.start, l.end, l.g, l.event, l.last, l.sum, l.siteSums);
  return [...new Set([...all.map(a => a.buffer), ...queueBuffers(m)])];
}

/** Makes what a worker has sent whole again. */
export function revive(m) {
  m.dense = Object.assign(new Ids(0), m.dense);
  return m;
}

const NONE = 0xffffffff;
const MOST = 18; // goroutines that ran most are remembered

/** Numbers from 0 on for ids in the order in which they come: a hash table in two typed arrays. */
export class Ids {
  constructor(bits = 12) {
    this.size = 0;
    this.shift = 32 - bits;
    this.keys = new Uint32Array(1 << bits);
    this.numbers = new Uint32Array(1 << bits).fill(NONE);
  }

  place(id) {
    const mask = this.keys.length - 1;
    let i = Math.imul(id, 0x9e3779b1) >>> this.shift;
    while (this.numbers[i] !== NONE && this.keys[i] !== id) i = (i + 1) & mask;
    return i;
  }

  /** The number of `id`, which gets one if it has none. */
  add(id) {
    let i = this.place(id);
    if (this.numbers[i] === NONE) {
      if (this.size * 2 >= this.keys.length) {
        this.grow();
        i = this.place(id);
      }
      this.keys[i] = id;
      this.numbers[i] = this.size++;
    }
    return this.numbers[i];
  }

  grow() {
    const { keys, numbers } = this;
    this.shift--;
    this.keys = new Uint32Array(keys.length * 2);
    this.numbers = new Uint32Array(keys.length * 2).fill(NONE);
    for (let j = 0; j < keys.length; j++) {
      if (numbers[j] === NONE) continue;
      const i = this.place(keys[j]);
      this.keys[i] = keys[j];
      this.numbers[i] = numbers[j];
    }
  }

  get(id) {
    const k = this.numbers[this.place(id >>> 0)];
    return k === NONE ? undefined : k;
  }

  has(id) {
    return this.get(id) !== undefined;
  }

  /** The ids in the order of their numbers. */
  list() {
    const ids = new Uint32Array(this.size);
    for (let j = 0; j < this.keys.length; j++) if (this.numbers[j] !== NONE) ids[this.numbers[j]] = this.keys[j];
    return ids;
  }
}

/** First index in `a[0..n)` with a[i] > x. */
export const upper = (a, n, x) => upperIn(a, 0, n, x);

/** The same in `a[lo..hi)`. */
export function upperIn(a, lo, hi, x) {
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (a[mid] <= x) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/** How long lane `l` was busy up to time x. */
export function busyUpTo(l, x) {
  const i = upper(l.start, l.n, x);
  if (i === 0) return 0;
  const s = i - 1;
  return l.sum[s] + Math.min(x, l.end[s]) - l.start[s];
}

// How long each spawn site had run on the lane, at every so many slices.
function sumSites(l, siteOf, sites) {
  l.sites = sites + 1; // the last is for those without
  l.every = Math.max(1024, Math.ceil((l.n * l.sites) / 2e6));
  const marks = Math.floor(l.n / l.every) + 1;
  l.siteSums = new Float64Array(marks * l.sites);
  const now = new Float64Array(l.sites);
  for (let s = 0; s < l.n; s++) {
    if (s % l.every === 0) l.siteSums.set(now, (s / l.every) * l.sites);
    const site = siteOf[l.g[s]];
    now[site < 0 ? sites : site] += l.end[s] - l.start[s];
  }
  if (l.n % l.every === 0) l.siteSums.set(now, (l.n / l.every) * l.sites);
}

/** Adds to sums[site] how long the site had run on lane `l` up to time x, times `sign`. */
export function sitesUpTo(m, l, x, sums, sign) {
  const n = upper(l.start, l.n, x);
  const j = Math.floor(n / l.every);
  for (let i = 0; i < l.sites; i++) sums[i] += sign * l.siteSums[j * l.sites + i];
  for (let s = j * l.every; s < n; s++) {
    const site = m.siteOf[l.g[s]];
    sums[site < 0 ? l.sites - 1 : site] += sign * (Math.min(x, l.end[s]) - l.start[s]);
  }
  return n;
}

export const siteName = (m, k) => (m.siteOf[k] >= 0 ? m.head.sites[m.siteOf[k]] : '');

/** First index in m.gEvents of goroutine k whose event is later than x. */
export function upperG(m, k, x) {
  let lo = m.gOff[k], hi = m.gOff[k + 1];
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (m.t[m.gEvents[mid]] <= x) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

/** The state that follows an event: 0 unknown or ended, 1 runnable, 2 running, 3 waiting. */
export function after(state, ty, code) {
  if (ty === code.start) return 2;
  if (ty === code.park) return 3;
  if (ty === code.end) return 0;
  if (ty === code.yield) return 1;
  return state === 2 ? 2 : 1;
}
const STATES = [null, 'runnable', 'running', 'waiting'];

/** The states of goroutine k within [a, b], the first `limit` of them: [{state, from, to, reason, event}]. */
export function statesOf(m, k, a, b, limit = 4000) {
  const out = [];
  let state = 0, from = 0, reason = '', event = 0;
  const { code } = m;
  const hi = m.gOff[k + 1];
  // begin at the last event before the window
  for (let i = Math.max(m.gOff[k], upperG(m, k, a) - 1); i < hi; i++) {
    const e = m.gEvents[i];
    const time = m.t[e];
    if (state && time > a) out.push({ state: STATES[state], from, to: time, reason, event });
    if (time > b || out.length >= limit) return out;
    const ty = m.type[e];
    state = after(state, ty, code);
    reason = ty === code.park ? m.head.reasons?.[m.arg[e]] ?? '' : '';
    from = time;
    event = e;
  }
  if (state) out.push({ state: STATES[state], from, to: Math.min(b, m.t1), reason, event });
  return out;
}

// For goroutines with many events: how long it had run, and had been runnable, at every 32nd of them.
const EVERY = 32;
const sums = new WeakMap(); // a model, its goroutines' sums

function sumsOf(m, k) {
  let of = sums.get(m);
  if (!of) sums.set(m, of = new Map());
  let s = of.get(k);
  if (s) return s;
  const lo = m.gOff[k], hi = m.gOff[k + 1];
  const marks = Math.ceil((hi - lo) / EVERY);
  s = { run: new Float64Array(marks), ready: new Float64Array(marks), wait: new Float64Array(marks), state: new Uint8Array(marks) };
  const spent = [0, 0, 0, 0];
  let state = 0, from = m.t[m.gEvents[lo]];
  for (let i = lo; i < hi; i++) {
    const e = m.gEvents[i], time = m.t[e];
    spent[state] += time - from;
    state = after(state, m.type[e], m.code);
    from = time;
    if ((i - lo) % EVERY === 0) {
      const j = (i - lo) / EVERY;
      s.run[j] = spent[2];
      s.ready[j] = spent[1];
      s.wait[j] = spent[3];
      s.state[j] = state;
    }
  }
  if (of.size >= 24) of.delete(of.keys().next().value);
  of.set(k, s);
  return s;
}

/** How long goroutine k had been runnable, running and waiting up to time x: into out[1], out[2], out[3]. */
export function spentUpTo(m, k, x, out) {
  const s = sumsOf(m, k);
  const lo = m.gOff[k];
  const i = upperG(m, k, x) - 1;
  out.fill(0);
  if (i < lo) return out;
  const j = Math.floor((i - lo) / EVERY);
  out[2] = s.run[j];
  out[1] = s.ready[j];
  out[3] = s.wait[j];
  let state = s.state[j];
  let from = m.t[m.gEvents[lo + j * EVERY]];
  for (let at = lo + j * EVERY + 1; at <= i; at++) {
    const e = m.gEvents[at], time = m.t[e];
    out[state] += time - from;
    state = after(state, m.type[e], m.code);
    from = time;
  }
  out[state] += Math.max(0, Math.min(x, m.t1) - from);
  out[0] = 0;
  return out;
}

/** All bits of a goroutine's number, of which an event has the last 32. */
export function idOf(m, low) {
  const k = m.dense.get(low);
  return k === undefined ? low : m.gids[k];
}

/** One event as a sentence. */
export function sentence(m, i, name = id => 'g' + id) {
  const ty = m.head.types[m.type[i]];
  const P = m.p[i] === NO_P ? 'outside' : 'P' + m.p[i];
  const G = name(idOf(m, m.g[i]));
  const a = ty === 'create' || ty === 'ready' ? idOf(m, m.arg[i]) : m.arg[i];
  switch (ty) {
    case 'create': return `${a ? name(a) : 'A thread'} says go: ${G} is made and put into ${P === 'outside' ? 'the global queue' : P + '’s next slot'}.`;
    case 'start': return `${P} runs ${G}.`;
    case 'handoff': return `${G} is handed on: it runs next on ${P}, in the same time slice.`;
    case 'park': return `${G} parks: ${m.head.reasons?.[a] ?? 'waits'}. ${P} is free for another.`;
    case 'ready': return `${a ? name(a) : 'A thread or timer'} wakes ${G}${P === 'outside' ? ': to the global queue' : ': into ' + P + '’s next slot'}.`;
    case 'yield': return `${G} yields: to the tail of the global queue.`;
    case 'end': return `${G} ends.`;
    case 'steal': return `${P} has nothing to do and steals ${m.g[i] || 1} from P${a}.`;
    case 'idle': return `${P} has found nothing; its M goes to sleep.`;
    case 'wake': return `${P} is woken to look for work.`;
    case 'spin': return `${P} looks for work: it spins.`;
    case 'stall': return `${P} has been held by one goroutine for 10 ms: another P is brought in.`;
    case 'region': return `${G} begins the region “${textOf(m, i)}”.`;
    case 'regionEnd': return `${G} ends the region “${textOf(m, i)}”.`;
    case 'task': return `${G} begins the task “${textOf(m, i)}”.`;
    case 'taskEnd': return `${G} ends task ${moreOf(m, i)}.`;
    case 'log': return textOf(m, i);
    case 'mark': return m.head.notes?.[a] ?? '';
    default: return `${ty} on ${P}`;
  }
}
