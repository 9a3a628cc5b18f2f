// A flame graph as an icicle, with the same as a table: of a profile, or of a window of a trace.

import { h, replace, canvasView, colours, fitText, tip, noTip } from './ui.js';

const ROW = 22;

/** A tree of stacks [[frame, …], value]; the frames before number `values` are no functions but values of labels. */
export function grow({ frames, stacks, values }) {
  const top = { name: 'all', value: 0, self: 0, kids: new Map(), depth: 0, parent: null };
  for (const [stack, v] of stacks) {
    let n = top;
    n.value += v;
    for (const f of stack) {
      const name = frames[f];
      let k = n.kids.get(name);
      if (!k) n.kids.set(name, k = { name, value: 0, self: 0, kids: new Map(), depth: n.depth + 1, parent: n, isLabel: f < values });
      k.value += v;
      n = k;
    }
    n.self += v;
  }
  return top;
}

/**
 * `unit(v)` writes a value, `say(text)` tells what the arrow keys have led to, `find()` is what is to stand out, `base()`
 * a tree that this one is compared with, or null, and `action(node)` what can be done with the chosen box, or null.
 */
export function flameGraph({ unit, say, find = () => '', base = () => null, action = () => null }) {
  let tree = null;
  let zoom = null, hover = null, chosen = null;
  const undo = [];
  let rows = 1;
  let boxes = [];
  const crumbs = h('p', { class: 'crumbs mono' });
  const canvas = h('canvas', { tabindex: '0', role: 'application', 'aria-label': 'Flame graph. Arrow keys move, Enter zooms in, z zooms out. The table below has the same.' });
  const view = canvasView(canvas, draw, { height: () => Math.max(120, rows * ROW + 6) });
  const box = h('div', { class: 'canvas flame-wrap' }, canvas);
  const body = h('tbody');
  const table = h('details', { class: 'card' }, h('summary', { text: 'Most costly functions as a table' }), h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Functions' }, h('table', {}, h('thead', {}, h('tr', {}, h('th', { scope: 'col', class: 'num' }, 'Self'), h('th', { scope: 'col', class: 'num' }, 'With callees'), h('th', { scope: 'col' }, 'Function'))), body)));
  const pc = v => ((100 * v) / tree.value).toFixed(1) + ' %';

  /** Shows another tree; null: none. */
  function show(next) {
    if (next !== tree) {
      tree = next;
      zoom = chosen = hover = null; // boxes of the tree before it
      undo.length = 0;
      crumb(null);
    }
    if (!tree) return;
    const deep = n => { let d = n.depth; for (const k of n.kids.values()) if (k.value / tree.value > .0005) d = Math.max(d, deep(k)); return d; };
    rows = Math.min(80, deep(tree) + 1);
    const byName = new Map();
    // `above` is the function that a label, which has no row, stands below: what is the label's own is that function's
    const walk = (n, seen, above) => {
      if (n.isLabel) {
        if (above) above.self += n.self;
        for (const k of n.kids.values()) walk(k, seen, above);
        return;
      }
      const e = byName.get(n.name) ?? { name: n.name, self: 0, total: 0 };
      e.self += n.self;
      const first = !seen.has(n.name);
      if (first) { e.total += n.value; seen.add(n.name); }
      byName.set(n.name, e);
      for (const k of n.kids.values()) walk(k, seen, e);
      if (first) seen.delete(n.name);
    };
    for (const k of tree.kids.values()) walk(k, new Set(), null);
    replace(body, [...byName.values()].sort((a, b) => b.self - a.self).slice(0, 60).map(e => h('tr', {}, h('td', { class: 'num', text: `${unit(e.self)}  ${pc(e.self)}` }), h('td', { class: 'num', text: `${unit(e.total)}  ${pc(e.total)}` }), h('td', { class: 'site', text: e.name }))));
    view.paint();
  }

  // the share of the same path in the tree that this one is compared with
  function was(n) {
    const path = [];
    for (let k = n; k.parent; k = k.parent) path.unshift(k.name);
    let b = base();
    const all = Math.max(1, b.value);
    for (const p of path) { b = b.kids.get(p); if (!b) return 0; }
    return b.value / all;
  }

  function colourOf(n, c) {
    if (base()) {
      const before = was(n), now = n.value / tree.value;
      const d = before === 0 ? 1 : Math.max(-1, Math.min(1, (now - before) / Math.max(before, .02)));
      return Math.abs(d) < .04 ? c.idle : mix(c.surface, d > 0 ? c.stall : c.wait, .25 + .75 * Math.abs(d));
    }
    if (n.isLabel) return c.sites[hashOf(n.name) % 7];
    // by package: one's own code in strong colours, the JDK's in grey
    if (/^(java|jdk|sun|javax)\./.test(n.name)) return mix(c.surface, c.idle, .55);
    const pkg = n.name.replace(/\(.*$/, '').split('.').slice(0, -2).join('.');
    return c.sites[hashOf(pkg) % 7];
  }

  function draw(ctx, w, ht) {
    if (!tree) return;
    const c = colours();
    const top = zoom ?? tree;
    const sought = find().toLowerCase();
    boxes = [];
    ctx.font = `500 12px ${c.font}`;
    ctx.textBaseline = 'middle';
    const path = [];
    for (let n = top.parent; n; n = n.parent) path.unshift(n);
    path.forEach((n, i) => paint(n, 0, w, i, true));
    const place = (n, x, width, row) => {
      paint(n, x, width, row, false);
      let at = x;
      for (const k of [...n.kids.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const kw = (k.value / n.value) * width;
        if (kw > .4) place(k, at, kw, row + 1);
        at += kw;
      }
    };
    place(top, 0, w, path.length);
    function paint(n, x, width, row, above) {
      const y = row * ROW + 2;
      if (y > ht) return;
      boxes.push({ n, x, y, w: width });
      const hit = sought && n.name.toLowerCase().includes(sought);
      ctx.globalAlpha = above || (sought && !hit) ? .4 : 1;
      ctx.fillStyle = n.parent ? colourOf(n, c) : c['line-strong'];
      ctx.fillRect(x, y, Math.max(.5, width - (width > 3 ? 1 : 0)), ROW - 2);
      if (n === hover || n === chosen) {
        ctx.globalAlpha = 1;
        ctx.strokeStyle = c.focus;
        ctx.lineWidth = 2;
        ctx.strokeRect(x + 1, y + 1, Math.max(1, width - 3), ROW - 4);
      }
      ctx.globalAlpha = above ? .8 : sought && !hit ? .5 : 1;
      if (width > 24) {
        ctx.fillStyle = base() || !n.parent || /^(java|jdk|sun|javax)\./.test(n.name) ? c.text : c.bg;
        fitText(ctx, shortName(n), x + 5, y + ROW / 2 - .5, width - 9);
      }
      ctx.globalAlpha = 1;
    }
  }

  function choose(n) {
    chosen = n;
    crumb(n);
    view.ask();
  }
  function into(n) {
    if (!n || n === zoom) return;
    undo.push(zoom);
    zoom = n === tree ? null : n;
    choose(n);
  }
  function crumb(n) {
    const path = [];
    for (let k = n; k && k.parent; k = k.parent) path.unshift(shortName(k));
    replace(crumbs, path.join(' › '), path.length > 0 && ' ', path.length > 0 && action(n));
  }
  const at = e => { const { x, y } = view.point(e); return boxes.findLast(b => x >= b.x && x < b.x + b.w && y >= b.y && y < b.y + ROW); };
  canvas.addEventListener('pointermove', e => {
    const b = at(e);
    if (b?.n !== hover) { hover = b?.n ?? null; view.ask(); }
    if (!b) { noTip(); return; }
    tip(e.clientX, e.clientY, h('b', { class: 'mono', text: b.n.name }), h('div', { text: `${unit(b.n.value)}, ${pc(b.n.value)} of all; self ${unit(b.n.self)}` }), base() && h('div', { text: `was ${(100 * was(b.n)).toFixed(1)} %` }));
  });
  canvas.addEventListener('pointerleave', () => { hover = null; noTip(); view.ask(); });
  canvas.addEventListener('click', e => into(at(e)?.n));

  return {
    crumbs, box, table, canvas, show,
    ask: view.ask,
    key(e) {
      if (!tree) return false;
      const k = e.key;
      if (k === 'z' || k === 'Escape' && zoom) { zoom = undo.length ? undo.pop() : null; crumb(zoom); view.ask(); return true; }
      if (k === 'f') { into(tree); return true; }
      const n = chosen ?? zoom ?? tree;
      const kids = x => [...x.kids.values()].sort((a, b) => b.value - a.value);
      const beside = d => { if (!n.parent) return null; const s = [...n.parent.kids.values()].sort((a, b) => (a.name < b.name ? -1 : 1)); return s[s.indexOf(n) + d] ?? n; };
      const next = { ArrowDown: () => kids(n)[0], s: () => kids(n)[0], ArrowUp: () => n.parent, w: () => n.parent, ArrowLeft: () => beside(-1), a: () => beside(-1), ArrowRight: () => beside(1), d: () => beside(1) }[k];
      if (next) { choose(next() ?? n); say(`${shortName(chosen)}: ${unit(chosen.value)}, ${pc(chosen.value)}`); return true; }
      if (k === 'Enter') { into(n); return true; }
      return false;
    },
    close: view.close,
  };
}

const shortName = n => (n.isLabel ? n.name : n.name.replace(/\(.*$/, '').split('.').slice(-2).join('.'));

function hashOf(s) {
  let hash = 7;
  for (let i = 0; i < s.length; i++) hash = (hash * 31 + s.charCodeAt(i)) | 0;
  return Math.abs(hash);
}

function mix(a, b, t) {
  return `color-mix(in srgb, ${b} ${Math.round(t * 100)}%, ${a})`;
}
