// Every metric under its name in Go's runtime/metrics, with what to do when it is high.

import { h, replace, update, canvasView, colours, pageHead, short, dur, bytes, int, empty } from '../ui.js';
import { get } from '../api.js';
import { store, setParams } from '../store.js';

export function open(root, params) {
  const off = [];
  let views = [];
  let filter = (params.get('q') ?? '').toLowerCase();
  let last = null;
  const out = h('div', { class: 'stack' });
  const input = h('input', { type: 'search', 'aria-label': 'Filter by name', value: params.get('q') ?? '', placeholder: 'filter, such as latencies', oninput: () => { filter = input.value.trim().toLowerCase(); setParams({ q: filter }); draw(); } });
  replace(root, pageHead('Metrics', 'The names are those of Go’s runtime/metrics. The same figures are at /metrics for Prometheus.'), h('div', { class: 'row' }, input, h('a', { class: 'button', href: 'metrics' + location.search }, 'Prometheus text')), out);

  const value = m => (m.unit === 'seconds' ? dur(m.value * 1e9) : m.unit === 'bytes' ? bytes(m.value) : m.unit === 'cpu-seconds' ? dur(m.value * 1e9) : short(m.value));
  function draw() {
    if (!last) return;
    views.forEach(v => v.close());
    views = [];
    const all = last.metrics.filter(m => m.name.toLowerCase().includes(filter) || (m.help ?? '').toLowerCase().includes(filter));
    const hist = all.filter(m => m.buckets && m.counts.some(c => c > 0)), plain = all.filter(m => !m.buckets);
    update(out, all.length === 0 && empty('No metric of that name', 'Clear the filter to see all of them.'),
      hist.length > 0 && h('div', { class: 'cols' }, hist.map(m => {
        const canvas = h('canvas', { class: 'metric-hist', role: 'img', 'aria-label': `${m.name}: median ${q(m, .5)}, p99 ${q(m, .99)}` });
        views.push(canvasView(canvas, (ctx, w, ht) => bars(ctx, w, ht, m)));
        return h('section', { class: 'card' }, h('h2', { class: 'site' }, breakable(m.name)), h('p', { class: 'small', text: `median ${q(m, .5)}, p90 ${q(m, .9)}, p99 ${q(m, .99)}, ${int(m.counts.reduce((a, b) => a + b, 0))} counted` }), canvas, h('p', { class: 'small muted', text: [m.help, m.advice].filter(Boolean).join(' ') }));
      })),
      plain.length > 0 && h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Metrics' }, h('table', {}, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Metric'), h('th', { scope: 'col', class: 'num' }, 'Value'), h('th', { scope: 'col' }, 'What it is, and what to do when it is high'))), h('tbody', {}, plain.map(m => h('tr', {}, h('td', { class: 'site' }, breakable(m.name)), h('td', { class: 'num', text: value(m) }), h('td', {}, m.help, m.advice && h('div', { class: 'muted', text: m.advice }))))))));
  }
  function q(m, p) {
    const total = m.counts.reduce((a, b) => a + b, 0);
    let seen = 0;
    for (let i = 0; i < m.counts.length; i++) {
      seen += m.counts[i];
      if (seen >= p * total) { const v = m.buckets[Math.min(i + 1, m.buckets.length - 1)] ?? m.buckets.at(-1); return m.unit === 'seconds' ? dur(v * 1e9) : short(v); }
    }
    return '–';
  }
  function bars(ctx, w, ht, m) {
    const c = colours();
    let a = m.counts.findIndex(x => x > 0), b = m.counts.findLastIndex(x => x > 0);
    a = Math.max(0, a - 1);
    b = Math.min(m.counts.length - 1, b + 1);
    const n = b - a + 1;
    const top = Math.max(...m.counts.slice(a, b + 1));
    ctx.font = `10.500px ${c.font}`;
    let said = -100;
    for (let i = a; i <= b; i++) {
      const x = ((i - a) / n) * w, bw = w / n;
      const bar = m.counts[i] ? Math.max(2, (m.counts[i] / top) * (ht - 24)) : 0;
      ctx.fillStyle = c.accent;
      ctx.fillRect(x, ht - 16 - bar, Math.max(1, bw - 1.5), bar);
      if (x - said > 62 && Number.isFinite(m.buckets[i])) {
        ctx.fillStyle = c.muted;
        const label = m.unit === 'seconds' ? dur(Math.max(0, m.buckets[i]) * 1e9) : short(m.buckets[i]);
        if (x + ctx.measureText(label).width <= w) ctx.fillText(label, x, ht - 4);
        said = x;
      }
    }
  }
  const load = () => get('metrics').then(d => { last = d; draw(); }, e => replace(out, h('p', { class: 'note bad', text: e.message })));
  off.push(store.on('theme', () => views.forEach(v => v.ask())));
  load();
  const timer = setInterval(() => { if (!document.hidden && store.live) load(); }, 2000);
  return {
    params(p) {
      const q = p.get('q') ?? '';
      if (q.toLowerCase() !== filter) { input.value = q; filter = q.toLowerCase(); draw(); }
      return true;
    },
    close() {
      clearInterval(timer);
      off.forEach(f => f());
      views.forEach(v => v.close());
    },
  };
}

/** A name that may be broken after its slashes, colons and hyphens, and nowhere else. */
const breakable = name => name.split(/(?<=[/:-])(?!$)/).map((part, i) => [i > 0 && h('wbr'), part]);
