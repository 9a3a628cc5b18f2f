// A recorded trace in typed arrays, with what is needed to draw any window of it in time that does not
// depend on how many events lie in it: per lane, slices in order and the running sum of their lengths.
//
// The file of /api/v1/trace, little-endian:
//   "JTRC", u32 version = 1, u32 header bytes, header (JSON, padded to a multiple of 8),
//   f64 t[count] (ns from the header's start), u32 g[count], u32 arg[count], u16 p[count], u8 type[count]
// header: count, types, reasons, sites, goroutines {id, site, parent}, procs, dropped, start (ns), wall (ms)

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
  return { head, n, t, g, arg, p, type };
}

/** From JSON rows [t, type name, p, g, arg]: recorded runs of the Learn page, and tests. */
export function fromRows(head, rows) {
  const n = rows.length;
  const m = { head: { ...head, count: n }, n, t: new Float64Array(n), g: new Uint32Array(n), arg: new Uint32Array(n), p: new Uint16Array(n), type: new Uint8Array(n) };
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
  const dense = new Map();
  const gids = [];
  const num = new Uint32Array(n);
  const counts = [];
  const hasG = i => type[i] === START || type[i] === PARK || type[i] === YIELD || type[i] === END || type[i] === CREATE || type[i] === READY || type[i] === HANDOFF;
  for (let i = 0; i < n; i++) {
    if (!hasG(i)) { num[i] = 0xffffffff; continue; }
    let k = dense.get(g[i]);
    if (k === undefined) {
      dense.set(g[i], k = gids.length);
      gids.push(g[i]);
      counts.push(0);
    }
    counts[k]++;
    num[i] = k;
  }
  const gOff = new Uint32Array(gids.length + 1);
  for (let k = 0; k < gids.length; k++) gOff[k + 1] = gOff[k] + counts[k];
  const fill = gOff.slice(0, -1);
  const gEvents = new Uint32Array(gOff[gids.length]);
  for (let i = 0; i < n; i++) if (num[i] !== 0xffffffff) gEvents[fill[num[i]]++] = i;

  const siteOf = new Int32Array(gids.length).fill(-1);
  const parentOf = new Float64Array(gids.length);
  const info = head.goroutines;
  if (info) info.id.forEach((id, i) => { const k = dense.get(id); if (k !== undefined) { siteOf[k] = info.site[i]; parentOf[k] = info.parent?.[i] ?? 0; } });

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
  const steals = [];
  let stealCount = 0;
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
      stealCount++;
      steals.push(i);
    }
  }
  for (let q = 0; q < procs; q++) if (open[q] >= 0) finish(q, t1, n - 1);
  return { ...m, code, procs, lanes, dense, gids: Float64Array.from(gids), gOff, gEvents, num, siteOf, parentOf, runNs, readyNs, worst, steals: Uint32Array.from(steals), stealCount, t0: n ? t[0] : 0, t1 };
}

/** First index in `a[0..n)` with a[i] > x. */
export function upper(a, n, x) {
  let lo = 0, hi = n;
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

export const siteName = (m, k) => (m.siteOf[k] >= 0 ? m.head.sites[m.siteOf[k]] : '');

/** The states of goroutine k within [a, b]: [{state, from, to, reason, event}]. */
export function statesOf(m, k, a, b, limit = 4000) {
  const out = [];
  let state = null, from = 0, reason = '', event = 0;
  const { code } = m;
  const lo = m.gOff[k], hi = m.gOff[k + 1];
  // begin at the last event before the window
  let i = lo;
  {
    let x = lo, y = hi;
    while (x < y) {
      const mid = (x + y) >>> 1;
      if (m.t[m.gEvents[mid]] <= a) x = mid + 1;
      else y = mid;
    }
    i = Math.max(lo, x - 1);
  }
  const stride = Math.max(1, Math.floor((hi - i) / (limit * 50)));
  for (; i < hi; i += stride) {
    const e = m.gEvents[i];
    const time = m.t[e];
    if (state && time > a) out.push({ state, from, to: time, reason, event });
    if (time > b || out.length > limit) return out;
    const ty = m.type[e];
    reason = '';
    if (ty === code.start) state = 'running';
    else if (ty === code.park) { state = 'waiting'; reason = m.head.reasons?.[m.arg[e]] ?? ''; }
    else if (ty === code.end) state = null;
    else state = state === 'running' ? 'running' : 'runnable';
    from = time;
    event = e;
  }
  if (state) out.push({ state, from, to: Math.min(b, m.t1), reason, event });
  return out;
}

/** One event as a sentence. */
export function sentence(m, i, name = id => 'g' + id) {
  const ty = m.head.types[m.type[i]];
  const P = m.p[i] === NO_P ? 'outside' : 'P' + m.p[i];
  const G = name(m.g[i]);
  const a = m.arg[i];
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
    case 'mark': return m.head.notes?.[a] ?? '';
    default: return `${ty} on ${P}`;
  }
}
