// One goroutine: what it does, since when, for whom it waits, and what it did last.

import { h, replace, update, canvasView, colours, dur, gLink, stateTag, pageHead, facts, empty, tip, noTip, copy, stateColour, int, asItIsNow, querySite } from '../ui.js';
import { get } from '../api.js';
import { poll } from '../poll.js';
import { store, setParams } from '../store.js';
import { drawAxis } from '../lanes.js';

export function open(root, params) {
  let id = params.get('id');
  let g = null;
  let held = null; // the answer with the steps that were recorded on request
  const off = [];
  const body = h('div', { class: 'stack' });
  const head = h('div', { class: 'stack' });
  const wrong = h('p', { class: 'note bad', hidden: true });
  replace(root, head, body, wrong);

  const canvas = h('canvas', { role: 'img', 'aria-label': 'States over time; the table of events below has the same' });
  const view = canvasView(canvas, draw, { height: 74 });
  canvas.addEventListener('pointermove', e => {
    const s = spans();
    const r = canvas.getBoundingClientRect();
    if (!s.length) return;
    const t = s[0].from + ((e.clientX - r.left) / r.width) * (s.at(-1).to - s[0].from);
    const hit = s.find(x => x.from <= t && x.to >= t);
    if (hit) tip(e.clientX, e.clientY, h('b', { text: hit.state + (hit.reason ? ': ' + hit.reason : '') }), h('div', { text: dur(hit.to - hit.from) + (hit.p >= 0 && hit.state === 'running' ? ` on P${hit.p}` : '') }));
  });
  canvas.addEventListener('pointerleave', noTip);

  function spans() {
    const out = [];
    const ev = g?.events ?? [];
    for (let i = 0; i < ev.length; i++) {
      const [t, type, p, , reason] = ev[i];
      const state = type === 'start' ? 'running' : type === 'park' ? 'waiting' : type === 'end' ? null : 'runnable';
      if (state) out.push({ state, from: t, to: ev[i + 1]?.[0] ?? Math.max(t, g.t ?? t), p, reason: type === 'park' ? reason : '' });
    }
    return out;
  }

  function draw(ctx, w) {
    const s = spans();
    const c = colours();
    if (!s.length) return;
    const a = s[0].from, b = Math.max(s.at(-1).to, a + 1);
    drawAxis(ctx, 0, 46, w, 14, a, b, b);
    for (const x of s) {
      const x0 = ((x.from - a) / (b - a)) * w, x1 = ((x.to - a) / (b - a)) * w;
      ctx.fillStyle = stateColour(x.state);
      const ht = x.state === 'running' ? 34 : x.state === 'runnable' ? 18 : 4;
      ctx.fillRect(x0, 8 + (34 - ht) / 2, Math.max(1, x1 - x0 - .5), ht);
    }
    ctx.fillStyle = c.line;
    ctx.fillRect(0, 44, w, 1);
  }

  const answer = h('div', {});
  const recordButton = h('button', { type: 'button', onclick: record }, 'Record two seconds');
  async function record() {
    recordButton.disabled = true;
    recordButton.textContent = 'Recording …';
    try {
      const x = await get('goroutines/' + id, { record: 2 });
      held = x;
      g = x;
      drawBody();
    } catch (e) {
      replace(answer, h('p', { class: 'note warn', text: e.message }));
    }
    recordButton.disabled = false;
    recordButton.textContent = 'Record two seconds';
  }
  async function why() {
    setParams({ why: 1 }); // who gets the address sees the answer
    try {
      const x = await get('why/' + id);
      replace(answer, h('section', { class: x.cycles?.length ? 'proof' : 'note' }, h('h2', { text: 'Why' }), h('pre', { class: 'small', style: { 'white-space': 'pre-wrap' }, text: x.text }), x.cycles?.length ? h('a', { href: '#/graph?sel=g' + id }, 'Show the cycle in the wait graph') : null, h('div', { class: 'row' }, h('button', { type: 'button', onclick: e => copy(x.text, e.currentTarget) }, 'Copy as text'))));
    } catch (e) {
      replace(answer, h('p', { class: 'note warn', text: e.message }));
    }
  }

  async function load(signal) {
    if (!id) {
      replace(head, pageHead('Goroutine', 'One goroutine in detail.'));
      replace(body, empty('Which one?', 'Choose a goroutine on the page of goroutines, or press / and type its number.'));
      return;
    }
    let answer;
    try {
      answer = await get('goroutines/' + id, {}, { signal });
    } catch (e) {
      if (signal.aborted) return;
      if (e.status === 404 && g) ended();
      else if (e.status === 404) {
        replace(head, pageHead('Goroutine ' + id, ''));
        replace(body, empty('It has ended', `Goroutine ${id} does not live any more, or never did. Numbers are never used twice.`));
      } else {
        wrong.hidden = false;
        wrong.textContent = e.message; // what is known of it stays
      }
      return;
    }
    if (signal.aborted) return;
    wrong.hidden = true;
    g = answer;
    if (held && !g.events?.length) {
      g.events = held.events;
      g.times = held.times;
      g.t = held.t; // the clock of its events
    }
    drawBody();
  }

  function ended() {
    replace(head.querySelector('.state') ?? head, stateTag('dead', 'ended'));
  }

  const share = (v, t) => (100 * v / Math.max(1, t.runNs + t.readyNs + t.waitNs)).toFixed(1) + ' %';
  function creator(c) {
    const name = c.ended ? h('span', { class: 'muted', text: `goroutine ${c.id}, ended` }) : gLink(c.id, 'goroutine ' + c.id);
    const at = c.site ? h('span', { class: 'site', text: c.site }) : c.ended ? 'nobody knows where' : 'the program’s main, or a library';
    return h('li', {}, name, h('span', { class: 'muted', text: ', spawned at ' }), at);
  }
  // How long it ran, was runnable and waited at a time: a row for each class, the same for all three.
  function lengths(t) {
    const states = [['running', t.runs], ['runnable', t.readies], ['waiting', t.waits]];
    const all = states.flatMap(([, x]) => x.map(([ns]) => ns));
    if (all.length < 2) return null;
    const most = Math.max(...states.flatMap(([, x]) => x.map(([, n]) => n)));
    const classes = [];
    for (let ns = Math.min(...all); ns <= Math.max(...all); ns = ns === 0 ? 1 : String(ns)[0] === '1' ? 3 * ns : (10 * ns) / 3) classes.push(ns);
    const cell = (state, n) => h('td', { class: 'barcell' }, n > 0 && [h('span', { class: 'bar', 'aria-hidden': 'true', style: { width: `calc(${(80 * n) / most} * var(--bar))`, background: stateColour(state) } }), ' ', int(n)]);
    return h('details', { open: true }, h('summary', { text: 'How long at a time' }), h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'How long at a time' }, h('table', {}, h('thead', {}, h('tr', {}, ['At least', ...states.map(([s]) => s)].map(x => h('th', { scope: 'col' }, x)))), h('tbody', {}, classes.map(ns => h('tr', {}, h('th', { scope: 'row', class: 'num', text: dur(ns) }), states.map(([s, x]) => cell(s, x.find(y => y[0] === ns)?.[1] ?? 0))))))));
  }
  function context(c) {
    const left = c.leftNs === null ? 'waits for one without a deadline' : c.leftNs > 0 ? `deadline in ${dur(c.leftNs)}` : 'deadline has passed';
    return h('a', { href: '#/channels?sel=' + c.chan, text: left });
  }

  let shell = null;
  function drawBody() {
    update(head, h('div', { class: 'page-head' }, h('h1', { text: 'Goroutine ' + g.id }), h('span', { class: 'state row' }, stateTag(g.state, g.reason || g.state), g.waitNs > 0 && h('span', { class: 'muted small', text: 'for ' + dur(g.waitNs) }), g.p >= 0 && g.state === 'running' && h('span', { class: 'muted small', text: 'on P' + g.p })), h('span', { class: 'grow' }), h('span', { class: 'row' }, h('button', { type: 'button', class: 'primary', onclick: why }, 'Why does it not go on?'))), !store.live && asItIsNow());
    const t = g.times;
    const parts = {
      facts: facts([
        ['Spawned at', h('span', { class: 'site', text: g.site || 'the program’s main, or a library' })],
        ['By', g.creators?.length ? h('ol', { class: 'creators' }, g.creators.map(creator)) : 'no goroutine'],
        ['Context', g.context && context(g.context)],
        ['Waits for', g.on && h('a', { href: '#/channels?sel=' + g.on.id, text: g.on.label })],
        ['Labels', Object.entries(g.labels ?? {}).map(([k, v]) => [h('span', { class: 'tag plain mono', text: `${k}=${v}` }), ' '])],
        ['Thread', g.name],
        ['Others alike', g.site && h('a', { href: '#/goroutines?q=' + encodeURIComponent(querySite(g)), text: 'spawned at the same place' })],
      ]),
      wakers: g.wakers?.length ? h('ul', { class: 'small' }, g.wakers.slice(0, 20).map(w => h('li', {}, w.id ? [gLink(w.id, 'goroutine ' + w.id), w.how.replace(/^goroutine \d+/, '')] : w.how))) : h('p', { class: 'small muted', text: g.state === 'waiting' ? 'Nobody that is known of: a timer, I/O, or code outside Jenny’s primitives.' : 'It does not wait.' }),
      stack: g.stack?.length ? h('pre', { class: 'code', tabindex: '0', role: 'region', 'aria-label': 'Stack now' }, g.stack.join('\n') + (g.created?.length ? '\n\ncreated by\n' + g.created.join('\n') : g.site ? '\n\ncreated by\n' + g.site : '')) : h('p', { class: 'small muted', text: 'No frames: it has not begun, or is just being switched.' }),
    };
    if (!shell) {
      shell = { facts: h('section', { class: 'card' }), wakers: h('section', { class: 'card' }), stack: h('section', { class: 'card' }), lengths: h('section', { class: 'card' }), line: h('section', { class: 'card' }), events: h('section', { class: 'card' }) };
      replace(body, answer, shell.line, h('div', { class: 'cols' }, shell.facts, shell.wakers), shell.stack, shell.lengths, shell.events);
    }
    update(shell.facts, h('h2', { text: 'What it is' }), parts.facts);
    update(shell.wakers, h('h2', { text: 'Who could wake it' }), parts.wakers);
    update(shell.stack, h('h2', { text: 'Stack now' }), parts.stack);
    const ev = g.events ?? [];
    if (shell.line.firstChild === null || ev.length) {
      update(shell.line, h('h2', { text: 'What it did last' }), ev.length ? [h('div', { class: 'canvas' }, canvas), h('div', { class: 'legend', style: { 'margin-top': '8px' } }, t && [['running', t.runNs], ['runnable', t.readyNs], ['waiting', t.waitNs]].map(([s, v]) => stateTag(s, `${s} ${dur(v)}, ${share(v, t)}`)))]
        : [h('p', { class: 'small muted', text: g.recording === 'busy' ? 'The program switches goroutines so often that recording every step would slow it, so nothing is recorded until you ask.' : 'No events of it lie in the flight recorder: it has not been scheduled for a while.' }),
          g.recording === 'busy' && h('div', { class: 'row' }, recordButton)]);
    }
    view.ask();
    const table = t && ev.length ? lengths(t) : null;
    shell.lengths.hidden = !table;
    if (table) update(shell.lengths, table);
    shell.events.hidden = !ev.length;
    if (ev.length) {
      const end = ev.at(-1)[0];
      update(shell.events, h('details', {}, h('summary', { text: `The last ${ev.length} events` }), h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Events' }, h('table', {}, h('thead', {}, h('tr', {}, ['Before the last', 'Event', 'P', 'Other', 'Reason'].map(x => h('th', { scope: 'col' }, x)))), h('tbody', {}, [...ev].reverse().map(([time, type, p, other, reason]) => h('tr', {}, h('td', { class: 'num', text: dur(end - time) }), h('td', { text: type }), h('td', { text: p >= 0 ? 'P' + p : '' }), h('td', {}, other ? gLink(other) : ''), h('td', { text: reason ?? '' }))))))));
    }
  }

  const request = poll(1500, load);
  // of the past single goroutines are not kept: which moment of it is looked at makes no difference
  let live = store.live;
  off.push(store.on('time', () => { if (store.live !== live) { live = store.live; request.now(); } }), store.on('theme', () => view.ask()));
  request.now();
  if (params.get('why')) why();
  return {
    params(p) {
      if (p.get('id') !== id) return false;
      return true;
    },
    close() {
      request.close();
      off.forEach(f => f());
      view.close();
      id = null;
    },
  };
}
