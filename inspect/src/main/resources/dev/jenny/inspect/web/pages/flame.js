// Flame graphs as icicles: where CPU time, waiting, or memory goes; and what changed since another.

import { h, replace, dur, bytes, short, int, pageHead, segments, empty, noTip, download, copy } from '../ui.js';
import { flameGraph, grow } from '../flame-graph.js';
import { get } from '../api.js';
import { store, setParams, positive } from '../store.js';

const KINDS = [['cpu', 'CPU', 'Sampled: where CPU time goes'], ['offcpu', 'Off-CPU', 'Where goroutines wait, weighted by time'], ['block', 'Block', 'Waits in channels, locks, select'], ['mutex', 'Mutex', 'Waits for locks'], ['chan', 'Chan', 'Waits in channels and select'], ['sched', 'Sched', 'From ready to running, where they had waited'], ['pinned', 'Pinned', 'Waits that held their thread'], ['alloc', 'Alloc', 'Where memory is allocated'], ['goroutine', 'Goroutines', 'Where goroutines stand now']];
const MOST_VALUES = 50; // of a label; the smaller ones are one

export function open(root, params) {
  let kind = params.get('kind') ?? 'cpu';
  let seconds = positive(params, 's', 5);
  let tree = null, base = null, data = null;
  let find = params.get('find') ?? '';
  let label = params.get('label') ?? '';
  let turn = 0;
  let abort = null;
  const off = [];
  const said = h('p', { class: 'small muted', role: 'status' });
  const out = h('div', {});
  const graph = flameGraph({
    unit: v => unit(v), say: text => { said.textContent = text; }, find: () => find, base: () => base?.tree ?? null,
    action: n => !n.isLabel && h('a', { href: '#/trace?' + new URLSearchParams({ find: n.name, s: String(Math.max(5, seconds)) }), title: 'The goroutines that were started there or waited in it, in the trace of the last seconds' }, 'Find in the trace'),
  });
  const start = h('button', { type: 'button', class: 'primary', onclick: record }, 'Record');
  const diff = h('button', { type: 'button', 'aria-pressed': 'false', disabled: true, onclick: toggleDiff, title: 'Keep this one as the base, record again, and see what grew' }, 'Compare with next');
  const input = h('input', { type: 'search', 'aria-label': 'Highlight functions', placeholder: 'highlight …', value: find, oninput: () => { find = input.value.trim(); setParams({ find }); graph.ask(); } });
  const labelBox = h('select', { 'aria-label': 'Group by label', title: 'The first row is then the values of this label', onchange: e => { label = e.target.value; setParams({ label }); regrow(); } });
  const secondsBox = h('select', { 'aria-label': 'Seconds', onchange: e => { seconds = Number(e.target.value); setParams({ s: seconds === 5 ? null : seconds }); } }, [...new Set([1, 5, 10, 30, seconds])].sort((x, y) => x - y).map(s => h('option', { value: String(s), selected: s === seconds }, s + ' s')));
  replace(root, pageHead('Flame graphs', 'Each box is a function, below it what it calls; its width is its share. Click a box to zoom in, z to go back.'),
    h('div', { class: 'row' }, segments('Kind', KINDS, kind, k => { kind = k; setParams({ kind: k === 'cpu' ? null : k }); tree = data = null; compareWith(null); diff.disabled = true; show(); record(); }), secondsBox, start, labelBox, diff, input,
      h('button', { type: 'button', onclick: e => copy(pprof(), e.currentTarget), title: 'The same in go tool pprof' }, 'Copy pprof command'), h('button', { type: 'button', onclick: () => data && download(`${kind}.folded`, 'text/plain', folded()) }, 'Folded stacks'),
      h('button', { type: 'button', onclick: () => data && download(`${kind}.speedscope.json`, 'application/json', speedscope()), title: 'What is shown, as a file for www.speedscope.app: Browse' }, 'Speedscope')), said, graph.crumbs, out, graph.table);

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
  function regrow() {
    if (!data) return;
    tree = grow(grouped(data));
    if (base) base.tree = grow(grouped(base.data));
    show();
  }
  function offerLabels() {
    const keys = new Set(data?.labels.flatMap(Object.keys));
    if (label) keys.add(label);
    replace(labelBox, h('option', { value: '', selected: !label }, 'by function'), [...keys].sort().map(k => h('option', { value: k, selected: k === label }, 'by ' + k)));
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
      tree = grow(grouped(d));
      offerLabels();
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
    if (base) { compareWith(null); graph.ask(); return; }
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
    graph.table.hidden = !any;
    if (!any) {
      graph.show(null);
      replace(out, tree && empty('Nothing to show', { cpu: 'No goroutine used the CPU in this time. A program that waits has no CPU profile: look at Off-CPU.', alloc: 'Nothing was allocated that the sampler saw.', mutex: 'Nobody waited for a lock.', block: 'Nobody waited.', chan: 'No wait for a channel ended in this time.', sched: 'No goroutine became runnable in this time.', pinned: 'Nobody held a thread while waiting: that is how it should be.', offcpu: 'No wait ended in this time.', goroutine: 'No goroutine lives. As soon as the program says go(() -> …), this shows where each of them stands.' }[kind]));
      return;
    }
    if (out.firstChild !== graph.box) replace(out, graph.box);
    graph.show(tree);
  }

  off.push(store.on('theme', () => graph.ask()));
  offerLabels();
  show();
  record();
  return {
    key: graph.key,
    params: p => (p.get('kind') ?? 'cpu') === kind && positive(p, 's', 5) === seconds && (p.get('label') ?? '') === label,
    close() {
      turn = -1;
      abort?.abort();
      off.forEach(f => f());
      graph.close();
      noTip();
    },
  };
}
