// Flame graphs as icicles: where CPU time, waiting, or memory goes; and what changed since another.

import { h, replace, canvasView, colours, fitText, dur, bytes, short, int, pageHead, segments, empty, tip, noTip, download, copy } from '../ui.js';
import { get } from '../api.js';
import { store, setParams, positive } from '../store.js';

const KINDS = [['cpu', 'CPU', 'Sampled: where CPU time goes'], ['offcpu', 'Off-CPU', 'Where goroutines wait, weighted by time'], ['block', 'Block', 'Waits in channels, locks, select'], ['mutex', 'Mutex', 'Waits for locks'], ['chan', 'Chan', 'Waits in channels and select'], ['sched', 'Sched', 'From ready to running, by go statement'], ['pinned', 'Pinned', 'Waits that held their thread'], ['alloc', 'Alloc', 'Where memory is allocated'], ['goroutine', 'Goroutines', 'Where goroutines stand now']];
const ROW = 22;
const MOST_VALUES = 50; // of a label; the smaller ones are one

export function open(root, params) {
  let kind = params.get('kind') ?? 'cpu';
  let seconds = positive(params, 's', 5);
  let tree = null, base = null, data = null;
  let zoom = null;
  const undo = [];
  let find = params.get('find') ?? '';
  let label = params.get('label') ?? '';
  let hover = null;
  let chosen = null;
  let rows = 1;
  let boxes = [];
  let turn = 0;
  let abort = null;
  const off = [];
  const said = h('p', { class: 'small muted', role: 'status' });
  const crumbs = h('p', { class: 'crumbs mono' });
  const out = h('div', {});
  const canvas = h('canvas', { tabindex: '0', role: 'application', 'aria-label': 'Flame graph. Arrow keys move, Enter zooms in, z zooms out. The table below has the same.' });
  const view = canvasView(canvas, draw, { height: () => Math.max(120, rows * ROW + 6) });
  const box = h('div', { class: 'canvas flame-wrap' }, canvas);
  const body = h('tbody');
  const tops = h('details', { class: 'card' }, h('summary', { text: 'Most costly functions as a table' }), h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Functions' }, h('table', {}, h('thead', {}, h('tr', {}, h('th', { scope: 'col', class: 'num' }, 'Self'), h('th', { scope: 'col', class: 'num' }, 'With callees'), h('th', { scope: 'col' }, 'Function'))), body)));
  const start = h('button', { type: 'button', class: 'primary', onclick: record }, 'Record');
  const diff = h('button', { type: 'button', 'aria-pressed': 'false', disabled: true, onclick: toggleDiff, title: 'Keep this one as the base, record again, and see what grew' }, 'Compare with next');
  const input = h('input', { type: 'search', 'aria-label': 'Highlight functions', placeholder: 'highlight …', value: find, oninput: () => { find = input.value.trim(); setParams({ find }); view.ask(); } });
  const labelBox = h('select', { 'aria-label': 'Group by label', title: 'The first row is then the values of this label', onchange: e => { label = e.target.value; setParams({ label }); regrow(); } });
  const secondsBox = h('select', { 'aria-label': 'Seconds', onchange: e => { seconds = Number(e.target.value); setParams({ s: seconds === 5 ? null : seconds }); } }, [...new Set([1, 5, 10, 30, seconds])].sort((x, y) => x - y).map(s => h('option', { value: String(s), selected: s === seconds }, s + ' s')));
  replace(root, pageHead('Flame graphs', 'Each box is a function, below it what it calls; its width is its share. Click a box to zoom in, z to go back.'),
    h('div', { class: 'row' }, segments('Kind', KINDS, kind, k => { kind = k; setParams({ kind: k === 'cpu' ? null : k }); tree = data = zoom = null; compareWith(null); diff.disabled = true; show(); record(); }), secondsBox, start, labelBox, diff, input,
      h('button', { type: 'button', onclick: e => copy(pprof(), e.currentTarget), title: 'The same in go tool pprof' }, 'Copy pprof command'), h('button', { type: 'button', onclick: () => data && download(`${kind}.folded`, 'text/plain', folded()) }, 'Folded stacks'),
      h('button', { type: 'button', onclick: () => data && download(`${kind}.speedscope.json`, 'application/json', speedscope()), title: 'What is shown, as a file for www.speedscope.app: Browse' }, 'Speedscope')), said, crumbs, out, tops);

  const unit = v => (data?.unit === 'bytes' ? bytes(v) : data?.unit === 'ns' ? dur(v) : short(v));
  const pprof = () => `go tool pprof -http=: ${label ? `-tagroot=${quote(label)} ` : ''}'${location.origin}/debug/pprof/${{ cpu: 'profile', alloc: 'allocs' }[kind] ?? kind}${location.search}${location.search ? '&' : '?'}seconds=${seconds}'`;
  const quote = s => `'${s.replaceAll("'", "'\\''")}'`; // for a shell
  const folded = () => { const g = grouped(data); return g.stacks.map(([f, v]) => f.map(i => g.frames[i]).join(';') + ' ' + v).join('\n') + '\n'; };

  const frame = text => { const [, name, file, line] = /^(.*)\((.*?)(?::(\d+))?\)$/.exec(text) ?? [null, text]; return { name, file, line: line && Number(line) }; };
  const speedscope = (g = grouped(data)) => JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json', name: `${kind} of ${store.program?.main || 'program'}`, exporter: 'jenny', activeProfileIndex: 0,
    shared: { frames: g.frames.map(frame) },
    profiles: [{ type: 'sampled', name: kind, unit: { ns: 'nanoseconds', bytes: 'bytes' }[data.unit] ?? 'none', startValue: 0, endValue: tree.value, samples: g.stacks.map(s => s[0]), weights: g.stacks.map(s => s[1]) }],
  });

  // the stacks, each below the value that its label has, if they are grouped by one
  function grouped(d) {
    if (!label) return { ...d, values: 0 };
    const has = d.labels.map(set => (Object.hasOwn(set, label) ? set[label] : undefined));
    const values = new Map();
    for (const [, v, l] of d.stacks) {
      const value = has[l];
      values.set(value, (values.get(value) ?? 0) + v);
    }
    const frames = [];
    const of = new Map([...values].sort((a, b) => b[1] - a[1]).map(([value], i) => {
      const shown = Math.min(i, MOST_VALUES);
      frames[shown] = i < MOST_VALUES ? (value === undefined ? `without ${label}` : `${label}=${value}`) : `other values of ${label}`;
      return [value, shown];
    }));
    const first = frames.length;
    return { frames: [...frames, ...d.frames], values: first, stacks: d.stacks.map(([stack, v, l]) => [[of.get(has[l]), ...stack.map(f => f + first)], v]) };
  }
  function grow(d) {
    const top = { name: 'all', value: 0, self: 0, kids: new Map(), depth: 0, parent: null };
    const { frames, stacks, values } = grouped(d);
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
  function regrow() {
    if (!data) return;
    tree = grow(data);
    if (base) base.tree = grow(base.data);
    zoom = chosen = hover = null;
    undo.length = 0;
    crumb(null);
    show();
  }
  function offerLabels() {
    const keys = new Set(data?.labels.flatMap(Object.keys));
    if (label) keys.add(label);
    replace(labelBox, h('option', { value: '', selected: !label }, 'by function'), [...keys].sort().map(k => h('option', { value: k, selected: k === label }, 'by ' + k)));
  }
  // the same path in the base profile
  function was(n) {
    if (!base) return null;
    const path = [];
    for (let k = n; k.parent; k = k.parent) path.unshift(k.name);
    let b = base.tree;
    for (const p of path) { b = b.kids.get(p); if (!b) return 0; }
    return b.value / Math.max(1, base.tree.value);
  }

  async function record() {
    const mine = ++turn;
    abort?.abort();
    abort = new AbortController();
    start.disabled = true;
    const until = performance.now() + seconds * 1000;
    const waits = kind !== 'goroutine';
    const ticking = setInterval(() => { const left = Math.max(0, (until - performance.now()) / 1000); said.textContent = waits ? (left > 0 ? `Recording, ${left.toFixed(0)} s to go …` : 'Putting it together …') : 'Looking …'; }, 200);
    try {
      const d = await get('flame', { kind, seconds }, { signal: abort.signal });
      if (mine !== turn) return;
      if (base && base.armed) base.armed = false;
      data = d;
      tree = grow(d);
      offerLabels();
      zoom = chosen = hover = null; // boxes of the tree before it
      crumb(null);
      undo.length = 0;
      diff.disabled = tree.value === 0;
      said.textContent = `${kind === 'goroutine' ? `${int(tree.value)} goroutines, now` : `${unit(tree.value)} in ${d.seconds} s`}${d.samples ? `, ${int(d.samples)} samples` : ''}${d.note ? '. ' + d.note : ''}${base && base !== data ? '. Red grew, blue shrank, against the one before.' : ''}`;
      show();
    } catch (e) {
      if (mine === turn && e.name !== 'AbortError') { said.textContent = e.message; if (!tree) replace(out); }
    } finally {
      clearInterval(ticking);
      if (mine === turn) start.disabled = false;
    }
  }
  function toggleDiff() {
    if (base) { compareWith(null); view.ask(); return; }
    compareWith({ tree, data });
    record();
  }
  function compareWith(other) {
    base = other;
    diff.setAttribute('aria-pressed', String(base !== null));
    diff.textContent = base ? 'Comparing; stop' : 'Compare with next';
  }

  function show() {
    const any = tree && tree.value > 0;
    tops.hidden = !any;
    if (!any) {
      replace(out, tree && empty('Nothing to show', { cpu: 'No goroutine used the CPU in this time. A program that waits has no CPU profile: look at Off-CPU.', alloc: 'Nothing was allocated that the sampler saw.', mutex: 'Nobody waited for a lock.', block: 'Nobody waited.', chan: 'No wait for a channel ended in this time.', sched: 'No goroutine became runnable in this time, or too few: one wake-up in some is measured.', pinned: 'Nobody held a thread while waiting: that is how it should be.', offcpu: 'No wait ended in this time.', goroutine: 'No goroutine lives. As soon as the program says go(() -> …), this shows where each of them stands.' }[kind]));
      return;
    }
    if (out.firstChild !== box) replace(out, box);
    const deep = n => { let d = n.depth; for (const k of n.kids.values()) if (k.value / tree.value > .0005) d = Math.max(d, deep(k)); return d; };
    rows = Math.min(80, deep(tree) + 1);
    const byName = new Map();
    const walk = (n, seen) => {
      if (n.isLabel) { for (const k of n.kids.values()) walk(k, seen); return; }
      const e = byName.get(n.name) ?? { name: n.name, self: 0, total: 0 };
      e.self += n.self;
      const first = !seen.has(n.name);
      if (first) { e.total += n.value; seen.add(n.name); }
      byName.set(n.name, e);
      for (const k of n.kids.values()) walk(k, seen);
      if (first) seen.delete(n.name);
    };
    for (const k of tree.kids.values()) walk(k, new Set());
    replace(body, [...byName.values()].sort((a, b) => b.self - a.self).slice(0, 60).map(e => h('tr', {}, h('td', { class: 'num', text: `${unit(e.self)}  ${pc(e.self)}` }), h('td', { class: 'num', text: `${unit(e.total)}  ${pc(e.total)}` }), h('td', { class: 'site', text: e.name }))));
    view.paint();
  }
  const pc = v => ((100 * v) / tree.value).toFixed(1) + ' %';

  function colourOf(n, c) {
    if (base) {
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
      const hit = find && n.name.toLowerCase().includes(find.toLowerCase());
      ctx.globalAlpha = above || (find && !hit) ? .4 : 1;
      ctx.fillStyle = n.parent ? colourOf(n, c) : c['line-strong'];
      ctx.fillRect(x, y, Math.max(.5, width - (width > 3 ? 1 : 0)), ROW - 2);
      if (n === hover || n === chosen) {
        ctx.globalAlpha = 1;
        ctx.strokeStyle = c.focus;
        ctx.lineWidth = 2;
        ctx.strokeRect(x + 1, y + 1, Math.max(1, width - 3), ROW - 4);
      }
      ctx.globalAlpha = above ? .8 : find && !hit ? .5 : 1;
      if (width > 24) {
        ctx.fillStyle = base || !n.parent || /^(java|jdk|sun|javax)\./.test(n.name) ? c.text : c.bg;
        fitText(ctx, shortName(n.name, n), x + 5, y + ROW / 2 - .5, width - 9);
      }
      ctx.globalAlpha = 1;
    }
  }
  const shortName = (s, n) => (n?.isLabel ? s : s.replace(/\(.*$/, '').split('.').slice(-2).join('.'));

  function into(n) {
    if (!n || n === zoom) return;
    undo.push(zoom);
    zoom = n === tree ? null : n;
    chosen = n;
    view.ask();
    crumb(n);
  }
  function crumb(n) {
    const path = [];
    for (let k = n; k && k.parent; k = k.parent) path.unshift(shortName(k.name, k));
    crumbs.textContent = path.join(' › ');
  }
  const at = e => { const { x, y } = view.point(e); return boxes.findLast(b => x >= b.x && x < b.x + b.w && y >= b.y && y < b.y + ROW); };
  canvas.addEventListener('pointermove', e => {
    const b = at(e);
    if (b?.n !== hover) { hover = b?.n ?? null; view.ask(); }
    if (!b) { noTip(); return; }
    const before = base ? was(b.n) : null;
    tip(e.clientX, e.clientY, h('b', { class: 'mono', text: b.n.name }), h('div', { text: `${unit(b.n.value)}, ${pc(b.n.value)} of all; self ${unit(b.n.self)}` }), before !== null && h('div', { text: `was ${(100 * before).toFixed(1)} %` }));
  });
  canvas.addEventListener('pointerleave', () => { hover = null; noTip(); view.ask(); });
  canvas.addEventListener('click', e => into(at(e)?.n));

  off.push(store.on('theme', () => view.ask()));
  offerLabels();
  show();
  record();
  return {
    key(e) {
      if (!tree) return false;
      const k = e.key;
      if (k === 'z' || k === 'Escape' && zoom) { if (undo.length) zoom = undo.pop(); else zoom = null; view.ask(); crumb(zoom); return true; }
      if (k === 'f') { into(tree); return true; }
      const n = chosen ?? zoom ?? tree;
      const kids = x => [...x.kids.values()].sort((a, b) => b.value - a.value);
      const beside = d => { if (!n.parent) return null; const s = [...n.parent.kids.values()].sort((a, b) => (a.name < b.name ? -1 : 1)); return s[s.indexOf(n) + d] ?? n; };
      const next = { ArrowDown: () => kids(n)[0], s: () => kids(n)[0], ArrowUp: () => n.parent, w: () => n.parent, ArrowLeft: () => beside(-1), a: () => beside(-1), ArrowRight: () => beside(1), d: () => beside(1) }[k];
      if (next) { chosen = next() ?? n; crumb(chosen); said.textContent = `${shortName(chosen.name, chosen)}: ${unit(chosen.value)}, ${pc(chosen.value)}`; view.ask(); return true; }
      if (k === 'Enter') { into(n); return true; }
      return false;
    },
    params: p => (p.get('kind') ?? 'cpu') === kind && positive(p, 's', 5) === seconds && (p.get('label') ?? '') === label,
    close() {
      turn = -1;
      abort?.abort();
      off.forEach(f => f());
      view.close();
      noTip();
    },
  };
}

function hashOf(s) {
  let hash = 7;
  for (let i = 0; i < s.length; i++) hash = (hash * 31 + s.charCodeAt(i)) | 0;
  return Math.abs(hash);
}

function mix(a, b, t) {
  return `color-mix(in srgb, ${b} ${Math.round(t * 100)}%, ${a})`;
}
