// The lane of the trace viewer that shows how many goroutines stood runnable.

import { h, colours, niceStep, dur, int, short, many } from './ui.js';
import { upper } from './trace-model.js';
import { queueAt, queueKnown, queueMost } from './trace-queue.js';

/**
 * The lane: steps as they are, those of less than a pixel pale; where there are more of them than pixels, the mean in
 * full colour and the most above it, pale. Gives the number that is the full height.
 */
export function drawQueue(ctx, m, x, y, w, ht, a, b) {
  const c = colours();
  const scale = w / (b - a);
  const first = Math.max(a, queueKnown(m)), end = Math.min(b, m.t1);
  ctx.fillStyle = c.line;
  ctx.fillRect(x, y + ht - 1, w, 1);
  if (first >= end) return 0;
  const { most } = queueMost(m, first, end);
  const full = most <= 4 ? Math.max(1, most) : niceStep(most);
  const tall = v => (v / full) * (ht - 3);
  const bar = (x0, x1, v, alpha) => {
    ctx.globalAlpha = alpha;
    ctx.fillRect(x0, y + ht - 1 - tall(v), x1 - x0, tall(v));
  };
  ctx.fillStyle = c.ready;
  let i = upper(m.t, m.n, first);
  const last = upper(m.t, m.n, end);
  const now = queueAt(m, first);
  if (last - i <= w * 1.5) {
    let { depth } = now, x0 = x + (first - a) * scale;
    for (; i <= last; i++) {
      const x1 = x + ((i < last ? m.t[i] : end) - a) * scale;
      if (depth > 0 && x1 > x0) bar(x0, Math.max(x1, x0 + 1), depth, x1 - x0 < 1 ? .3 : .85);
      x0 = x1;
      if (i < last) depth += m.qStep[i];
    }
  } else {
    const step = 2;
    let { sum } = now;
    for (let from = first; from < end;) {
      const to = Math.min(end, from + step / scale);
      const x0 = x + (from - a) * scale;
      queueAt(m, to, now);
      bar(x0, x0 + step, queueMost(m, from, to).most, .3);
      bar(x0, x0 + step, (now.sum - sum) / (to - from), .85);
      sum = now.sum;
      from = to;
    }
  }
  ctx.globalAlpha = 1;
  return full;
}

/** How many stood runnable within [a, b], as far as that is known: {mean, most, event}; mean is null if it is not. */
export function runnableIn(m, a, b) {
  const from = Math.max(queueKnown(m), a), to = Math.min(m.t1, b);
  if (from >= to) return { mean: null, most: 0, event: -1 };
  return { mean: (queueAt(m, to).sum - queueAt(m, from).sum) / (to - from), ...queueMost(m, from, to) };
}

/** How many do at time t, in words. */
export function runnableAt(m, t) {
  if (t < queueKnown(m) || t > m.t1) return 'how many are runnable is not recorded here';
  return `${many(queueAt(m, t).depth, 'goroutine')} runnable`;
}

/** The same for a tip, and what else lies under a pixel that is so wide. */
export function runnableTip(m, t, pixel) {
  const from = t - pixel / 2, to = t + pixel / 2;
  const { mean, most } = runnableIn(m, from, to);
  const more = mean !== null && upper(m.t, m.n, to) - upper(m.t, m.n, from) > 1;
  return [h('b', { text: runnableAt(m, t) }), h('div', { text: '+' + dur(t - m.t0) }), more && h('div', { text: `in this pixel ${short(mean)} on average, ${int(most)} at most` })];
}
