// How many goroutines stood runnable, in the queues of all Ps and in the global one, at each moment of a trace.

import { upper } from './trace-model.js';

const PARKED = 1, RUNNABLE = 2, RUNNING = 3;
const EVERY = 256; // events for which there are one sum and one maximum
const NONE = 0xffffffff;

/**
 * What `build` adds to a model: by how much the number changes with each event, and at every so many events what it is,
 * its sum over time, and the most until the next of them. A goroutine of which a START comes first was runnable from
 * the beginning on. The beginning is where no ring lacks events any more: those of goroutines that start on a P whose
 * events are overwritten would else be runnable for good.
 */
export function countRunnable({ n, t, type, head }, code, num, goroutines) {
  const from = upper(t, n, (head.whole ?? 0) - 1e-6);
  const qStep = new Int8Array(n);
  const state = new Uint8Array(goroutines);
  const firstStart = new Int32Array(goroutines).fill(-1);
  let before = 0;
  for (let i = from; i < n; i++) {
    const k = num[i];
    if (k === NONE) continue;
    const ty = type[i], was = state[k];
    let now = was;
    if (ty === code.start) {
      now = RUNNING;
      if (was === 0 && t[i] > t[0]) { // at t[0]: it ran already
        before++;
        qStep[i] = -1;
        firstStart[k] = i;
      }
    } else if (ty === code.park || ty === code.end) now = PARKED;
    else if (ty === code.yield) now = RUNNABLE;
    else if (ty === code.ready || ty === code.create) {
      if (was !== RUNNING) now = RUNNABLE;
      else if (firstStart[k] >= 0) { // events of two Ps have changed places: it had not stood there long
        before--;
        qStep[firstStart[k]] = 0;
      }
    }
    if (ty !== code.start) firstStart[k] = -1;
    if (was === RUNNABLE && now !== RUNNABLE) qStep[i] = -1;
    else if (was !== RUNNABLE && now === RUNNABLE) qStep[i] = 1;
    state[k] = now;
  }
  return { qFrom: from, qStep, ...sums(n, t, from, qStep, before) };
}

function sums(n, t, from, qStep, before) {
  const marks = Math.floor(n / EVERY) + 1;
  const qDepth = new Int32Array(marks), qMost = new Int32Array(marks), qSum = new Float64Array(marks);
  let depth = before, sum = 0;
  for (let i = 0; i < n; i++) {
    const j = Math.floor(i / EVERY);
    if (i > from) sum += depth * (t[i] - t[i - 1]);
    if (i % EVERY === 0) { // before its own step
      qDepth[j] = depth;
      qSum[j] = sum;
      qMost[j] = depth;
    }
    depth += qStep[i];
    qMost[j] = Math.max(qMost[j], depth);
  }
  return { qDepth, qMost, qSum };
}

/** The buffers of it. */
export const queueBuffers = m => [m.qStep, m.qDepth, m.qMost, m.qSum].map(a => a.buffer);

/** From when on it is known. */
export const queueKnown = m => (m.qFrom < m.n ? m.t[m.qFrom] : Infinity);

// up to event number i, that included: the depth, and its sum over time until then
function upTo(m, i, out) {
  const j = Math.floor(Math.max(0, i) / EVERY);
  out.depth = m.qDepth[j];
  out.sum = m.qSum[j];
  for (let e = j * EVERY; e <= i; e++) {
    if (e > j * EVERY && e > m.qFrom) out.sum += out.depth * (m.t[e] - m.t[e - 1]);
    out.depth += m.qStep[e];
  }
  return out;
}

/** How many stood runnable at time x: {depth}; and the sum of that over time, {sum}. */
export function queueAt(m, x, out = {}) {
  const i = upper(m.t, m.n, x) - 1;
  upTo(m, i, out);
  if (i >= m.qFrom) out.sum += out.depth * (Math.min(x, m.t1) - m.t[i]);
  return out;
}

/** The most within [a, b], and the event with which it begins: {most, event}; event -1: it was so at a. */
export function queueMost(m, a, b) {
  let i = upper(m.t, m.n, a) - 1;
  const hi = upper(m.t, m.n, b);
  let { depth } = upTo(m, i, {});
  const best = { most: depth, event: -1 };
  for (i++; i < hi; i++) {
    if (i % EVERY === 0) {
      while (i + EVERY <= hi && m.qMost[i / EVERY] <= best.most) i += EVERY;
      if (i >= hi) break;
      depth = m.qDepth[i / EVERY];
    }
    depth += m.qStep[i];
    if (depth > best.most) { best.most = depth; best.event = i; }
  }
  return best;
}
