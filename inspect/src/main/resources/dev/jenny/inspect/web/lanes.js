// Drawing of trace lanes, shared by the trace viewer, the slow motion of the scheduler, and Learn.

import { colours, siteColour, dur, fitText, roundRect, niceStep } from './ui.js';
import { upper, upperIn, upperG, busyUpTo, siteName, statesOf, spentUpTo, spanAt, upperNote, textOf } from './trace-model.js';

/** One P's lane in the box (x, y, w, ht) for the window [a, b]. At most a few operations per pixel. */
export function drawProc(ctx, m, l, x, y, w, ht, a, b, { selected = -1, radius = 3, label = k => 'g' + m.gids[k] } = {}) {
  const c = colours();
  const scale = w / (b - a);
  ctx.fillStyle = c.line;
  ctx.fillRect(x, y + ht - 1, w, 1);
  const first = Math.max(0, upper(l.start, l.n, a) - 1);
  const last = upper(l.start, l.n, b);
  ctx.font = `500 11px ${c.font}`;
  ctx.textBaseline = 'middle';
  if (last - first <= w * 1.5) {
    for (let s = first; s < last; s++) {
      if (l.end[s] < a) continue;
      const x0 = Math.max(x, x + (l.start[s] - a) * scale);
      const x1 = Math.min(x + w, x + (l.end[s] - a) * scale);
      const width = Math.max(.75, x1 - x0 - (x1 - x0 > 4 ? 1 : 0));
      const k = l.g[s];
      ctx.fillStyle = siteColour(siteName(m, k));
      if (width > 5) {
        roundRect(ctx, x0, y, width, ht - 2, radius);
        ctx.fill();
      } else ctx.fillRect(x0, y, width, ht - 2);
      if (selected === k) {
        ctx.strokeStyle = c.focus;
        ctx.lineWidth = 2;
        roundRect(ctx, x0, y, Math.max(2, width), ht - 2, radius);
        ctx.stroke();
      }
      if (width > 26 && ht > 11) {
        ctx.fillStyle = c.bg;
        fitText(ctx, label(k), x0 + 5, y + (ht - 2) / 2 + .5, width - 8);
      }
    }
    return;
  }
  // more slices than pixels: per pixel the busy share, in the colour of the slice in its middle
  const step = 2;
  let before = busyUpTo(l, a);
  for (let px = 0; px < w; px += step) {
    const to = a + (px + step) / scale;
    const now = busyUpTo(l, to);
    const share = Math.min(1, ((now - before) * scale) / step);
    before = now;
    if (share < .002) continue;
    const s = Math.min(l.n - 1, Math.max(0, upper(l.start, l.n, to - step / scale / 2) - 1));
    ctx.fillStyle = siteColour(siteName(m, l.g[s]));
    const bar = Math.max(1, share * (ht - 2));
    ctx.fillRect(x + px, y + ht - 2 - bar, step, bar);
  }
}

/** A goroutine's lane: running full, runnable half, waiting a line; the same where there are too many, by shares. */
export function drawG(ctx, m, k, x, y, w, ht, a, b) {
  const c = colours();
  const scale = w / (b - a);
  if (upperG(m, k, b) - upperG(m, k, a) > w * 1.5) {
    drawShares(ctx, m, k, x, y, w, ht, a, b);
    return;
  }
  ctx.font = `500 11px ${c.font}`;
  ctx.textBaseline = 'middle';
  for (const s of statesOf(m, k, a, b)) {
    const x0 = Math.max(x, x + (s.from - a) * scale);
    const x1 = Math.min(x + w, x + (s.to - a) * scale);
    const width = Math.max(.75, x1 - x0);
    if (s.state === 'running') {
      ctx.fillStyle = siteColour(siteName(m, k));
      ctx.fillRect(x0, y, width, ht - 2);
    } else if (s.state === 'runnable') {
      ctx.fillStyle = c.ready;
      ctx.fillRect(x0, y + ht * .3, width, ht * .4);
    } else {
      ctx.fillStyle = c.wait;
      ctx.fillRect(x0, y + ht / 2 - 1.5, width, 2);
      if (width > 70) {
        ctx.fillStyle = c.muted;
        fitText(ctx, s.reason, x0 + 6, y + ht * .24, width - 10);
      }
    }
  }
}

const DEPTHS = 3; // of regions; deeper ones are drawn like the last of these

/** What a goroutine tells itself: regions as bars, those within another below it; messages as marks across them. */
export function drawOwn(ctx, m, k, x, y, w, ht, a, b, { span = -1, note = -1 } = {}) {
  const c = colours();
  const scale = w / (b - a);
  const lo = m.spanOff[k], hi = m.spanOff[k + 1];
  let deep = 0;
  for (let s = lo; s < hi && s < lo + 10000 && deep < DEPTHS - 1; s++) deep = Math.max(deep, Math.min(m.spanDepth[s], DEPTHS - 1));
  const bar = (ht - 2) / (deep + 1);
  ctx.font = `500 ${bar > 12 ? 11 : 9}px ${c.font}`;
  ctx.textBaseline = 'middle';
  const draw = (s, x0, x1) => {
    const top = y + Math.min(m.spanDepth[s], deep) * bar;
    const name = textOf(m, m.spanEvent[s]);
    ctx.fillStyle = siteColour(name);
    ctx.fillRect(x0, top, Math.max(.75, x1 - x0 - (x1 - x0 > 4 ? 1 : 0)), bar - (deep ? 1 : 0));
    if (s === span) {
      ctx.strokeStyle = c.focus;
      ctx.lineWidth = 2;
      ctx.strokeRect(x0, top + 1, Math.max(2, x1 - x0), bar - 2);
    }
    if (x1 - x0 > 30 && bar > 8) {
      ctx.fillStyle = c.bg;
      fitText(ctx, name, x0 + 4, top + bar / 2 + .5, x1 - x0 - 8);
    }
  };
  const first = upperIn(m.spanStart, lo, hi, a), last = upperIn(m.spanStart, lo, hi, b);
  const at = t => Math.max(x, Math.min(x + w, x + (t - a) * scale));
  if (last - first <= w * 1.5) {
    const around = [];
    for (let s = spanAt(m, k, a); s >= 0; s = m.spanParent[s]) around.push(s);
    for (const s of around.reverse()) draw(s, x, at(m.spanEnd[s]));
    for (let s = first; s < last; s++) draw(s, at(m.spanStart[s]), at(m.spanEnd[s]));
  } else {
    for (let px = 0; px < w; px += 2) {
      const around = [];
      for (let s = spanAt(m, k, a + (px + 1) / scale); s >= 0; s = m.spanParent[s]) around.push(s);
      for (const s of around.reverse()) draw(s, x + px, x + px + 2);
    }
  }
  // a mark for each pixel that has a message
  for (let j = upperNote(m, k, a); j < m.noteOff[k + 1]; ) {
    const i = m.notes[j];
    if (m.t[i] > b) break;
    const px = x + (m.t[i] - a) * scale;
    ctx.fillStyle = i === note ? c.focus : c.text;
    ctx.fillRect(px - (i === note ? 1 : .5), y - 2, i === note ? 3 : 1.5, ht + 2);
    ctx.fillRect(px - 2, y - 2, 5, 4);
    j = Math.max(j + 1, upperNote(m, k, m.t[i] + 1 / scale));
  }
}

/** A pause of the garbage collector is filled, any other pause of the JVM is striped. */
export function pauseBand(ctx, c, x, y, w, ht, gc) {
  if (gc) {
    ctx.fillStyle = c.gc;
    ctx.globalAlpha = .28;
    ctx.fillRect(x, y, w, ht);
  } else {
    ctx.strokeStyle = ctx.fillStyle = c.text;
    ctx.globalAlpha = .45;
    ctx.lineWidth = w;
    ctx.setLineDash([2, 4]);
    ctx.beginPath();
    ctx.moveTo(x + w / 2, y);
    ctx.lineTo(x + w / 2, y + ht);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  ctx.globalAlpha = 1;
  ctx.fillRect(x, y, w, 3);
}

/** A pause in words; `ns` is 0 for one of which only milliseconds are known. */
export const pauseText = (gc, ns, name) => `${gc ? 'garbage collection' : 'pause of the JVM'}, ${ns ? dur(ns) : 'under 1 ms'}${name ? ': ' + name : ''}`;

/** The pauses of a trace that touch [a, b], in order: {gc, ns, text}. */
export function pausesIn(m, a, b) {
  const of = m.head.pauses, found = [];
  for (let i = 0; i < (of?.begin.length ?? 0); i++) {
    if (of.end[i] < a || of.begin[i] > b) continue;
    const gc = isGc(of, i), ns = of.end[i] - of.begin[i];
    found.push({ gc, ns, text: pauseText(gc, ns, of.name?.[i]) });
  }
  return found;
}

const isGc = (of, i) => (of.gc?.[i] ?? 1) !== 0; // before there was `gc`, all were

/** Pauses, over all lanes. */
export function drawPauses(ctx, m, x, y, w, ht, a, b) {
  const of = m.head.pauses;
  if (!of?.begin.length) return;
  const c = colours();
  const scale = w / (b - a);
  for (let i = 0, drawn = -1; i < of.begin.length; i++) {
    if (of.end[i] < a || of.begin[i] > b) continue;
    const x0 = Math.max(x, x + (of.begin[i] - a) * scale), x1 = Math.min(x + w, x + (of.end[i] - a) * scale);
    if (x1 <= drawn) continue;
    drawn = x0 + Math.max(1.5, x1 - x0);
    pauseBand(ctx, c, x0, y, drawn - x0, ht, isGc(of, i));
  }
}

const before = [0, 0, 0, 0], now = [0, 0, 0, 0];

function drawShares(ctx, m, k, x, y, w, ht, a, b) {
  const c = colours();
  const step = 2;
  const ns = (step * (b - a)) / w;
  const colour = siteColour(siteName(m, k));
  const room = ht - 2;
  spentUpTo(m, k, a, before);
  for (let px = 0; px < w; px += step) {
    spentUpTo(m, k, a + ((px + step) * (b - a)) / w, now);
    const run = Math.min(1, (now[2] - before[2]) / ns) * room;
    const ready = Math.min(1, (now[1] - before[1]) / ns) * room;
    if (now[3] > before[3]) {
      ctx.fillStyle = c.wait;
      ctx.fillRect(x + px, y + ht / 2 - 1.5, step, 2);
    }
    if (ready > .5) {
      ctx.fillStyle = c.ready;
      ctx.fillRect(x + px, y + ht / 2 - ready * .2, step, ready * .4);
    }
    if (run > .05) {
      ctx.fillStyle = colour;
      ctx.fillRect(x + px, y + room - Math.max(1, run), step, Math.max(1, run));
    }
    for (let i = 1; i < 4; i++) before[i] = now[i];
  }
}

/** A time on an axis, as exact as its steps are small. */
function mark(v, step) {
  if (Math.abs(v) < step / 2) return '0';
  const [unit, name] = [[1e9, ' s'], [1e6, ' ms'], [1e3, ' µs'], [1, ' ns']].find(u => Math.abs(v) >= u[0]) ?? [1, ' ns'];
  const digits = Math.max(0, Math.ceil(Math.log10(unit / step) - 1e-9));
  return (v < 0 ? '−' : '') + (Math.abs(v) / unit).toFixed(digits) + name;
}

/** An axis with times relative to `zero`. */
export function drawAxis(ctx, x, y, w, ht, a, b, zero = 0) {
  const c = colours();
  const step = niceStep(((b - a) / w) * Math.min(110, Math.max(64, w / 4)));
  ctx.font = `11px ${c.font}`;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  for (let v = Math.ceil((a - zero) / step) * step; v <= b - zero; v += step) {
    const px = x + ((v + zero - a) / (b - a)) * w;
    ctx.fillStyle = c.line;
    ctx.fillRect(px, y, 1, ht);
    ctx.fillStyle = c.muted;
    if (px + 60 < x + w + 40) ctx.fillText(mark(v, step), px + 4, y + 9);
  }
}

/** A curved arrow, for steals and wake-ups. */
export function arrow(ctx, x0, y0, x1, y1, colour, width = 1.5) {
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = width;
  const bend = Math.max(8, Math.min(36, Math.abs(x1 - x0) / 2 + Math.abs(y1 - y0) / 4));
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.bezierCurveTo(x0 + bend, y0, x1 - bend, y1, x1, y1);
  ctx.stroke();
  ctx.beginPath();
  ctx.moveTo(x1 + 1, y1);
  ctx.lineTo(x1 - 6, y1 - 3.5);
  ctx.lineTo(x1 - 6, y1 + 3.5);
  ctx.fill();
}
