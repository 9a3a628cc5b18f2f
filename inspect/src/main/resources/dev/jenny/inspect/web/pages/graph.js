// Who waits for whom: goroutines, what they wait on, and who holds it. Cycles first, and in words.

import { h, replace, update, canvasView, windowHeight, colours, fitText, roundRect, pageHead, counting, empty, copy, int, tip, noTip, LOST } from '../ui.js';
import { get } from '../api.js';
import { poll } from '../poll.js';
import { store, setParams } from '../store.js';

const COL = 200, ROW = 56, BW = 148, BH = 34;

export function open(root, params) {
  let data = null;
  let nodes = new Map();
  let edges = [];
  let cam = null;
  const undo = [];
  let signature = '';
  let sel = params.get('sel');
  const off = [];
  const proofs = h('div', { class: 'stack' });
  const said = counting();
  const none = h('div', {});
  const canvas = h('canvas', { tabindex: '0', role: 'application', 'aria-label': 'Wait graph. Tab to it, arrow keys move, W and S zoom, f fits. The list below has the same.' });
  const box = h('div', { class: 'canvas graph' }, canvas);
  const view = canvasView(canvas, draw, { height: w => Math.max(280, Math.min(windowHeight() - 330, w * 1.1)) });
  const body = h('tbody');
  const list = h('details', { class: 'card' }, h('summary', { text: 'The graph as a list' }), h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Edges of the wait graph' }, h('table', {}, h('thead', {}, h('tr', {}, ['From', 'Relation', 'To', 'Note'].map(t => h('th', { scope: 'col' }, t)))), body)));

  replace(root, pageHead('Wait graph', 'An arrow goes from who waits to what it waits for, and on to who holds it. A circle of arrows is a deadlock.'), proofs, said, none, box, list);

  const inCircle = e => e.cycle || data.cycles.some(k => { const i = k.nodes.indexOf(e.from); return i >= 0 && k.nodes[(i + 1) % k.nodes.length] === e.to; });

  // Layers by distance from the ends of the chains; those in cycles share the middle.
  function layout() {
    const out = new Map(), into = new Map();
    for (const n of data.nodes) { out.set(n.id, []); into.set(n.id, []); }
    for (const e of data.edges) if (out.has(e.from) && out.has(e.to)) { out.get(e.from).push(e.to); into.get(e.to).push(e.from); }
    const inCycle = new Map();
    data.cycles.forEach((c, i) => c.nodes.forEach(n => inCycle.set(n, i)));
    const depth = new Map();
    const queue = [];
    for (const n of data.nodes) if (inCycle.has(n.id)) { depth.set(n.id, 0); queue.push(n.id); }
    for (const n of data.nodes) if (!depth.has(n.id) && out.get(n.id).length === 0) { depth.set(n.id, 0); queue.push(n.id); }
    for (let i = 0; i < queue.length; i++) for (const m of into.get(queue[i])) if (!depth.has(m)) { depth.set(m, depth.get(queue[i]) + 1); queue.push(m); }
    nodes = new Map();
    let y0 = 0;
    // cycles as circles, one below the other
    data.cycles.forEach((c, i) => {
      const own = c.nodes.filter(n => out.has(n) && inCycle.get(n) === i);
      const r = Math.max(84, (own.length * 100) / Math.PI / 1.6);
      own.forEach((n, k) => { const a = (k / own.length) * 2 * Math.PI - Math.PI / 2; nodes.set(n, { x: Math.cos(a) * r * 1.45, y: y0 + r + Math.sin(a) * r }); });
      y0 += r * 2 + 90;
    });
    const right = data.cycles.length ? -COL * 1.7 : 0;
    // the rest: columns to the left, in the order of what they wait for
    const byDepth = new Map();
    for (const n of data.nodes) {
      if (nodes.has(n.id)) continue;
      const d = depth.get(n.id) ?? 1;
      if (!byDepth.has(d)) byDepth.set(d, []);
      byDepth.get(d).push(n.id);
    }
    for (const d of [...byDepth.keys()].sort((a, b) => a - b)) {
      const ids = byDepth.get(d);
      const want = id => { const t = out.get(id).map(o => nodes.get(o)?.y).filter(y => y !== undefined); return t.length ? t.reduce((a, b) => a + b, 0) / t.length : 0; };
      ids.sort((a, b) => want(a) - want(b));
      // each beside what it waits for, as far as there is room; crowds around their middle
      const crowd = new Map();
      for (const id of ids) crowd.set(want(id), (crowd.get(want(id)) ?? 0) + 1);
      let last = -Infinity;
      ids.forEach((id, k) => {
        const w = want(id);
        const y = d === 0 ? y0 + k * ROW : Math.max(last + ROW, w - ((crowd.get(w) - 1) * ROW) / 2);
        crowd.set(w, 1);
        last = y;
        nodes.set(id, { x: right - d * COL, y });
      });
    }
  }
  function fill() {
    for (const n of data.nodes) nodes.get(n.id).n = n;
    edges = data.edges.filter(e => nodes.has(e.from) && nodes.has(e.to));
  }

  function bounds(ids) {
    const some = ids && [...ids].some(id => nodes.has(id));
    let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
    for (const [id, p] of nodes) if (!some || ids.has(id)) { x0 = Math.min(x0, p.x - BW / 2); x1 = Math.max(x1, p.x + BW / 2); y0 = Math.min(y0, p.y - BH / 2); y1 = Math.max(y1, p.y + BH / 2); }
    return { x0: x0 - 30, y0: y0 - 30, x1: x1 + 30, y1: y1 + 30 };
  }
  function fit(ids, remember = true) {
    if (!nodes.size || !view.width) return;
    if (remember && cam) undo.push({ ...cam });
    const b = bounds(ids);
    const z = Math.min(1.25, view.width / (b.x1 - b.x0), view.height / (b.y1 - b.y0));
    cam = { z, x: (b.x0 + b.x1) / 2, y: (b.y0 + b.y1) / 2 };
    view.ask();
  }

  function draw(ctx, w, ht) {
    const c = colours();
    if (!nodes.size) return;
    if (!cam) {
      const first = data.cycles[0] && new Set(data.cycles[0].nodes.flatMap(n => [n, ...edges.filter(e => e.to === n).map(e => e.from)]));
      const b = bounds(first && first.size <= 24 ? first : null);
      cam = { z: Math.max(.35, Math.min(1.1, w / (b.x1 - b.x0), ht / (b.y1 - b.y0))), x: (b.x0 + b.x1) / 2, y: (b.y0 + b.y1) / 2 };
    }
    ctx.save();
    ctx.translate(w / 2, ht / 2);
    ctx.scale(cam.z, cam.z);
    ctx.translate(-cam.x, -cam.y);
    const near = sel ? new Set([sel, ...edges.filter(e => e.from === sel || e.to === sel).flatMap(e => [e.from, e.to])]) : null;
    for (const e of edges) {
      const a = nodes.get(e.from), b = nodes.get(e.to);
      const bad = inCircle(e);
      ctx.globalAlpha = near && !(near.has(e.from) && near.has(e.to)) ? .2 : 1;
      line(ctx, a, b, bad ? c.stall : e.kind === 'held' ? c.ready : c['line-strong'], bad ? 3 : 1.5, e.kind === 'case');
      if (cam.z > .6 && e.kind === 'held') {
        ctx.font = `11px ${c.font}`;
        ctx.textAlign = 'center';
        ctx.textBaseline = 'middle';
        const x = (a.x + b.x) / 2, y = (a.y + b.y) / 2, says = e.label === 'has not ended' ? 'waits for' : 'held by', half = ctx.measureText(says).width / 2 + 5;
        ctx.fillStyle = c.surface;
        ctx.fillRect(x - half, y - 8, 2 * half, 16);
        ctx.fillStyle = bad ? c.stall : c.muted;
        ctx.fillText(says, x, y);
      }
    }
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    for (const [id, p] of nodes) {
      const n = p.n;
      const bad = n.cycle || data.cycles.some(k => k.nodes.includes(id));
      ctx.globalAlpha = near && !near.has(id) ? .3 : 1;
      const x = p.x - BW / 2, y = p.y - BH / 2;
      if (n.count > 1) {
        ctx.fillStyle = c.sunk;
        ctx.strokeStyle = c['line-strong'];
        ctx.lineWidth = 1;
        roundRect(ctx, x + 5, y + 5, BW, BH, n.type === 'o' ? 4 : 17);
        ctx.fill();
        ctx.stroke();
      }
      ctx.fillStyle = bad ? c['stall-soft'] : n.type === 'o' ? c.raised : c['wait-soft'];
      ctx.strokeStyle = sel === id ? c.focus : bad ? c.stall : n.type === 'o' ? c['line-strong'] : c.wait;
      ctx.lineWidth = sel === id ? 3 : bad ? 2 : 1.25;
      roundRect(ctx, x, y, BW, BH, n.type === 'o' ? 4 : 17);
      ctx.fill();
      ctx.stroke();
      ctx.fillStyle = c.text;
      ctx.font = `600 12px ${n.type === 'o' ? c.font : c.mono}`;
      fitText(ctx, n.label + (n.count > 1 ? ` ×${int(n.count)}` : ''), x + 12, p.y - (n.reason ? 6 : 0), BW - 20);
      if (n.reason) {
        ctx.font = `10.500px ${c.font}`;
        ctx.fillStyle = c.muted;
        fitText(ctx, n.reason, x + 12, p.y + 8, BW - 20);
      }
    }
    ctx.restore();
    ctx.globalAlpha = 1;
  }

  function line(ctx, a, b, colour, width, dashed) {
    // from border to border
    const dx = b.x - a.x, dy = b.y - a.y;
    const cut = p => Math.min(Math.abs(dx) > 1e-6 ? (BW / 2 + p) / Math.abs(dx) : 9, Math.abs(dy) > 1e-6 ? (BH / 2 + p) / Math.abs(dy) : 9, .5);
    const x0 = a.x + dx * cut(0), y0 = a.y + dy * cut(0), x1 = b.x - dx * cut(4), y1 = b.y - dy * cut(4);
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.lineWidth = width;
    ctx.setLineDash(dashed ? [5, 4] : []);
    ctx.beginPath();
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1, y1);
    ctx.stroke();
    ctx.setLineDash([]);
    const angle = Math.atan2(y1 - y0, x1 - x0);
    ctx.save();
    ctx.translate(x1, y1);
    ctx.rotate(angle);
    ctx.beginPath();
    ctx.moveTo(3, 0);
    ctx.lineTo(-8, -5);
    ctx.lineTo(-8, 5);
    ctx.fill();
    ctx.restore();
  }

  const world = e => { const p = view.point(e); return { x: (p.x - view.width / 2) / cam.z + cam.x, y: (p.y - view.height / 2) / cam.z + cam.y }; };
  const hit = e => { if (!cam) return null; const p = world(e); for (const [id, q] of nodes) if (Math.abs(q.x - p.x) < BW / 2 && Math.abs(q.y - p.y) < BH / 2) return id; return null; };
  let drag = null;
  canvas.addEventListener('pointerdown', e => {
    if (!cam || e.button) return;
    drag = { ...view.point(e), cx: cam.x, cy: cam.y, moved: false };
    canvas.setPointerCapture(e.pointerId);
  });
  canvas.addEventListener('pointermove', e => {
    if (drag) {
      const p = view.point(e);
      if (Math.hypot(p.x - drag.x, p.y - drag.y) > 4) drag.moved = true;
      cam.x = drag.cx - (p.x - drag.x) / cam.z;
      cam.y = drag.cy - (p.y - drag.y) / cam.z;
      view.ask();
      return;
    }
    const id = hit(e);
    canvas.style.cursor = id ? 'pointer' : 'grab';
    if (id) { const n = nodes.get(id).n; tip(e.clientX, e.clientY, h('b', { text: n.label + (n.count > 1 ? ` and ${int(n.count - 1)} alike` : '') }), h('div', { text: n.title || n.reason || n.kind || '' })); }
    else noTip();
  });
  canvas.addEventListener('pointerup', e => {
    const id = drag && !drag.moved ? hit(e) : undefined;
    drag = null;
    if (id !== undefined) choose(id);
  });
  for (const n of LOST) canvas.addEventListener(n, () => { drag = null; });
  canvas.addEventListener('wheel', e => {
    if (!cam) return;
    e.preventDefault();
    zoom(Math.exp(-e.deltaY / 400), world(e));
  }, { passive: false });
  canvas.addEventListener('pointerleave', noTip);
  function zoom(f, at = cam) {
    const z = Math.max(.08, Math.min(3, cam.z * f));
    cam.x = at.x + (cam.x - at.x) * (cam.z / z);
    cam.y = at.y + (cam.y - at.y) * (cam.z / z);
    cam.z = z;
    view.ask();
  }
  function choose(id) {
    sel = id;
    store.select(id);
    setParams({ sel: id });
    view.ask();
  }

  function show() {
    const s = JSON.stringify([data.nodes.map(n => n.id + (n.count ?? '')), data.edges.map(e => e.from + e.to), data.cycles.length]);
    if (s !== signature) {
      signature = s;
      layout();
      if (!nodes.has(sel)) sel = null;
    }
    fill();
    update(proofs, data.cycles.map(k => h('section', { class: 'proof' }, h('h2', { text: k.certain === false ? 'A circle: most likely a deadlock' : 'A deadlock' }), h('pre', { class: 'small', text: k.text }), h('div', { class: 'row' }, h('button', { type: 'button', onclick: () => fit(new Set(k.nodes)) }, 'Show it'), h('button', { type: 'button', onclick: e => copy(k.text, e.currentTarget) }, 'Copy as text')))));
    const first = [...data.edges.filter(inCircle), ...data.edges.filter(e => !inCircle(e))];
    update(body, first.slice(0, 300).map(e => h('tr', {}, h('td', {}, name(e.from)), h('td', { text: { waits: 'waits for', held: e.label === 'has not ended' ? 'waits for' : 'is held by', case: 'waits, among others, for' }[e.kind] ?? e.kind }), h('td', {}, name(e.to)), h('td', { text: e.label ?? '' }))));
    const empty_ = data.nodes.length === 0;
    box.hidden = list.hidden = empty_;
    update(none, empty_ && empty('Nobody waits for anybody', 'When goroutines block on channels, locks, WaitGroups or each other, the graph shows who stands in whose way, and marks circles in red. Try it with the deadlock lesson:', './jenny demo deadlock'));
    said.tell(empty_ ? '' : data.cycles.map(c => c.nodes).join(), empty_ ? '' : `${int(data.nodes.length)} nodes, ${int(data.edges.length)} edges, ${data.cycles.length ? data.cycles.length + (data.cycles.length === 1 ? ' cycle' : ' cycles') : 'no cycle'}${data.omitted ? `; ${int(data.omitted)} waiting goroutines in no cycle are left out` : ''}. Goroutines that are alike are one node.`);
    view.ask();
  }
  const name = id => { const n = nodes.get(id)?.n; return h('button', { type: 'button', class: 'ghost', onclick: () => { choose(id); fit(new Set([id, ...edges.filter(e => e.from === id || e.to === id).flatMap(e => [e.from, e.to])])); } }, n?.label ?? id); };

  async function load(signal) {
    try {
      const d = await get('graph', { at: store.atParam }, { signal });
      if (signal.aborted) return;
      data = d;
      for (const n of d.nodes) {
        if (n.type === 'g') { n.reason ??= n.state; n.title = n.label; n.label = n.id; }
        else { const cut = n.label.indexOf('['); if (cut > 0) { n.reason ??= n.label.slice(cut + 1, -1); n.label = n.label.slice(0, cut); } }
      }
      show();
    } catch (e) {
      if (!signal.aborted) said.tell(e.message, e.message);
    }
  }
  const request = poll(2000, load, () => !drag);
  off.push(store.on('time', request.soon), store.on('theme', () => view.ask()), store.on('select', s => { sel = s; view.ask(); }));
  if (sel) store.select(sel);
  request.now();
  return {
    key(e) {
      if (!cam) return false;
      const d = 60 / cam.z;
      const act = { w: () => zoom(1.25), s: () => zoom(.8), a: () => { cam.x -= d; }, d: () => { cam.x += d; }, ArrowLeft: () => { cam.x -= d; }, ArrowRight: () => { cam.x += d; }, ArrowUp: () => { cam.y -= d; }, ArrowDown: () => { cam.y += d; }, f: () => fit(sel && nodes.has(sel) ? new Set([sel, ...edges.filter(x => x.from === sel || x.to === sel).flatMap(x => [x.from, x.to])]) : null), z: () => { const u = undo.pop(); if (u) cam = u; } }[e.key];
      if (!act) return false;
      if (!document.activeElement || document.activeElement === document.body || root.contains(document.activeElement) || document.activeElement.id === 'main') { act(); view.ask(); return true; }
      return false;
    },
    params: () => true,
    close() {
      request.close();
      off.forEach(f => f());
      view.close();
      noTip();
    },
  };
}
