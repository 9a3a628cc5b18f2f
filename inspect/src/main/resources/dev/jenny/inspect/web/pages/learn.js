// "What happens when you say go": nine short programs, step by step, with what the scheduler did.

import { h, replace, canvasView, colours, siteColour, fitText, roundRect, dur, int, pageHead, tip, noTip } from '../ui.js';
import { get, asset } from '../api.js';
import { store, setParams, positive } from '../store.js';
import { fromRows, build, upper, sentence, NO_P } from '../trace-model.js';
import { arrow } from '../lanes.js';

const DEMOS = [['go', 'The go statement', 'A goroutine is made. Where does it wait, and who runs it?'], ['steal', 'Stealing', 'One processor has twelve jobs, the others none.'], ['handoff', 'Hand-off', 'Two goroutines play ball through a channel.'], ['channel', 'A channel fills up', 'A fast producer, a slow consumer, room for two.'], ['pipeline', 'Back-pressure', 'Three stages, and the last one is slow.'], ['select', 'Select', 'Wait for whichever comes first.'], ['spin', 'A yield-spin', 'Two wait for the same thing, in two ways.'], ['leak', 'A leak', 'The first of three answers counts. And the others?'], ['deadlock', 'Deadlock', 'Two goroutines, two locks, the wrong order.']];
const PROOFS = {
  deadlock: { title: 'What jenny why says', link: '#/graph', text: 'See it in the wait graph, live' },
  leak: { title: 'What jenny leaks says, after a garbage collection', link: '#/leaks', text: 'See all that was found' },
};
const PACES = [[2600, 'slow'], [1400, 'steady'], [600, 'fast']]; // milliseconds for a step
const YIELDS = 3; // of one goroutine that are told, besides the last
const LANE = 54, TOP = 30;

export function open(root, params) {
  let name = params.get('demo') ?? 'go';
  if (!DEMOS.some(d => d[0] === name)) name = 'go';
  let lesson = null, m = null, run = null;
  let steps = [];
  let passedOver = new Map(); // step → how many like it are not told, before it
  let at = 0;
  let playing = 0;
  let pace = (PACES.find(p => p[0] === Number(params.get('pace'))) ?? PACES[1])[0];
  let turn = 0;
  const off = [];

  const cards = h('ul', { class: 'demos' });
  const title = h('h2', { text: (DEMOS.find(d => d[0] === name) ?? DEMOS[0])[1] });
  const say = h('div', { class: 'say', 'aria-live': 'polite' });
  const source = h('pre', { class: 'code source', tabindex: '0', role: 'region', 'aria-label': 'The program' });
  const canvas = h('canvas', { role: 'img', 'aria-label': 'What the processors and goroutines do up to this step' });
  const view = canvasView(canvas, draw, { height: () => (m ? TOP + m.procs * LANE + 22 + waiting().height : 260) });
  const bar = h('div', { class: 'progress', role: 'group', 'aria-label': 'Steps' });
  const where = h('span', { class: 'small muted num' });
  const play = h('button', { type: 'button', class: 'primary', onclick: toggle }, 'Play');
  const said = h('p', { class: 'small muted', role: 'status' });
  const again = h('button', { type: 'button', hidden: true, onclick: () => runLive() }, 'Run it again');
  const proof = h('div', {});
  const after = h('section', { class: 'card' });
  const paceBox = h('select', { 'aria-label': 'Pace', onchange: e => { pace = Number(e.target.value); if (playing) { stop(); toggle(); } } }, PACES.map(([v, t]) => h('option', { value: String(v), selected: v === pace }, t)));
  replace(root, pageHead('What happens when you say go', 'Nine small programs, one step at a time. Arrow keys step, Space plays.'), cards, said,
    h('div', { class: 'lesson' },
      h('div', { class: 'stack' }, h('section', { class: 'card stack' }, title, say, h('div', { class: 'row' }, h('button', { type: 'button', onclick: () => go(at - 1), 'aria-label': 'Step back' }, '◂'), play, h('button', { type: 'button', onclick: () => go(at + 1), 'aria-label': 'Step forward' }, '▸'), paceBox, again, where), bar), h('div', { class: 'canvas' }, canvas), proof),
      h('div', { class: 'stack' }, source, after)));

  function drawCards() {
    replace(cards, DEMOS.map(([k, t, text]) => h('li', {}, h('a', { href: '#/learn?demo=' + k, 'aria-current': k === name ? 'step' : null }, h('b', { text: t }), h('span', { text })))));
  }

  async function load() {
    const mine = ++turn;
    stop();
    drawCards();
    setParams({ demo: name === 'go' ? null : name });
    try {
      const l = await asset(`learn/${name}.json`);
      if (mine !== turn) return;
      lesson = l;
      title.textContent = DEMOS.find(d => d[0] === name)[1];
      replace(source, lesson.source.map((line, i) => h('span', { class: 'line', 'data-line': String(i + 1) }, line || ' ')));
      replace(after, h('h2', { text: 'In short' }), lesson.points.map(p => h('p', { class: 'small' }, p)), lesson.more && h('p', { class: 'small' }, h('a', { href: lesson.more.link, text: lesson.more.text })));
      use(lesson.run, false);
      if (demo()) runLive();
      else said.textContent = store.program ? 'This is a recorded run: nothing can be started in your program from here. To run the lessons live: ./jenny demo' : '';
    } catch (e) {
      if (mine === turn) said.textContent = e.message;
    }
  }
  const demo = () => !!store.program?.demo;

  async function runLive() {
    const mine = turn;
    again.hidden = false;
    again.disabled = true;
    said.textContent = 'Runs in this JVM now …';
    try {
      const r = await get('lesson/' + name);
      if (mine !== turn) return;
      if (r.failure) throw new Error(r.failure);
      use(r, true);
      said.textContent = `Ran just now in this JVM, on ${r.procs} Ps: ${r.rows.length} events in ${dur(r.rows.length ? r.rows.at(-1)[0] - r.rows[0][0] : 0)}. Every run differs a little; run it again and see.`;
    } catch (e) {
      if (mine === turn) said.textContent = e.message;
    }
    again.disabled = false;
  }

  function use(r, live) {
    run = r;
    m = build(fromRows(r.head, r.rows));
    if (m.procs < r.procs) m.procs = r.procs;
    while (m.lanes.length < m.procs) m.lanes.push({ p: m.lanes.length, start: new Float64Array(0), end: new Float64Array(0), g: new Uint32Array(0), event: new Uint32Array(0), last: new Uint32Array(0), sum: new Float64Array(1), n: 0 });
    steps = pick();
    at = live ? 0 : Math.min(at, steps.length);
    if (!live) at = Math.floor(positive(params, 'step', 0));
    replace(bar, steps.map((_, i) => h('button', { type: 'button', 'aria-label': 'Step ' + (i + 1), onclick: () => { stop(); go(i + 1); } })));
    const by = PROOFS[name] ?? PROOFS.deadlock;
    replace(proof, r.proof ? h('section', { class: 'proof' }, h('h3', { text: by.title }), h('pre', { class: 'small', text: r.proof }), live && h('a', { href: by.link, text: by.text })) : null);
    go(at);
  }

  // The steps that are told: not every idle and wake of the other processors, and of a goroutine that yields for ever
  // the first few and the last.
  function pick() {
    const out = [];
    const yields = new Map(); // goroutine → the events of its yields
    for (let i = 0; i < m.n; i++) {
      if (m.head.types[m.type[i]] !== 'yield') continue;
      if (!yields.has(m.g[i])) yields.set(m.g[i], []);
      yields.get(m.g[i]).push(i);
    }
    passedOver = new Map();
    for (let i = 0; i < m.n; i++) {
      const ty = m.head.types[m.type[i]];
      const all = ty === 'yield' || ty === 'start' ? yields.get(m.g[i]) ?? [] : [];
      if (all.length > YIELDS + 1 && i >= all[YIELDS]) {
        if (i < all.at(-1)) continue;
        if (i === all.at(-1)) passedOver.set(i, all.length - YIELDS - 1);
      }
      if (ty === 'idle' || ty === 'wake' || ty === 'rejoin') {
        if (lesson.idle !== true || out.length === 0 || m.head.types[m.type[out.at(-1)]] === ty) continue;
      }
      out.push(i);
      if (out.length >= (lesson.most ?? 60)) break;
    }
    return out;
  }

  const label = id => run.names[id] ?? 'g' + id;

  function go(i) {
    at = Math.max(0, Math.min(steps.length, i));
    where.textContent = at === 0 ? `${steps.length} steps` : `step ${at} of ${steps.length}, +${dur(m.t[steps[at - 1]] - m.t0)}`;
    [...bar.children].forEach((b, k) => { b.className = k < at ? 'done' : ''; if (k === at - 1) b.setAttribute('aria-current', 'step'); else b.removeAttribute('aria-current'); });
    let line = null;
    if (at === 0) replace(say, lesson.intro.map(t => h('p', { text: t })));
    else {
      const e = steps[at - 1];
      const ty = m.head.types[m.type[e]];
      const who = label(m.g[e]).replace(/ \d+$/, '');
      const n = nth(e);
      const first = !steps.slice(0, at - 1).some(x => m.type[x] === m.type[e] && label(m.g[x]).replace(/ \d+$/, '') === who);
      const why = lesson.explain[`${ty}:${who}:${n}`] ?? lesson.explain[`${ty}:${who}`] ?? lesson.explain[ty];
      replace(say, h('p', {}, h('strong', { text: sentence(m, e, label) })), why && h('p', { class: first ? '' : 'muted', text: why }), passedOver.has(e) && h('p', { text: `It has done so ${int(passedOver.get(e))} more times since the step before.` }));
      line = lesson.lines[`${ty}:${who}:${n}`] ?? lesson.lines[`${ty}:${who}`] ?? lesson.lines[ty] ?? null;
      if (at === steps.length && lesson.end) say.append(h('p', { text: lesson.end }));
    }
    for (const s of source.children) s.classList.toggle('on', Number(s.dataset.line) === line);
    view.ask();
    setParams({ step: at || null });
    if (at === steps.length) stop();
  }
  function nth(e) {
    let n = 0;
    for (const x of steps) { if (m.type[x] === m.type[e] && m.g[x] === m.g[e]) n++; if (x === e) break; }
    return n;
  }
  function toggle() {
    if (playing) { stop(); return; }
    if (at >= steps.length) at = 0;
    play.textContent = 'Pause';
    playing = setInterval(() => go(at + 1), pace);
    go(at + 1);
  }
  function stop() {
    clearInterval(playing);
    playing = 0;
    play.textContent = 'Play';
  }

  // ---- the scene: lanes up to this step, the queues, and who waits
  function now() {
    const t = at === 0 ? m.t0 - 1 : m.t[steps[at - 1]];
    const running = new Map(), next = new Map(), queue = [], waits = [];
    const state = new Map();
    const last = at === 0 ? -1 : steps[at - 1];
    for (let i = 0; i <= last; i++) {
      const ty = m.head.types[m.type[i]], p = m.p[i], id = m.g[i];
      if (ty === 'create' || ty === 'ready' || ty === 'yield') state.set(id, { s: 'runnable', p: ty === 'yield' ? NO_P : p, i });
      else if (ty === 'start') state.set(id, { s: 'running', p, i });
      else if (ty === 'park') state.set(id, { s: 'waiting', reason: m.head.reasons?.[m.arg[i]] ?? '', i });
      else if (ty === 'end') state.delete(id);
      else if (ty === 'steal') {
        // a stolen goroutine stands with the thief from now on; which one it was, its start tells
        const from = [...state].filter(([, v]) => v.s === 'runnable' && v.p === m.arg[i]).sort((a, b) => a[1].i - b[1].i).slice(0, id || 1);
        for (const [, v] of from) v.p = p;
      }
    }
    for (const [id, v] of state) {
      if (v.s === 'running') running.set(v.p, id);
      else if (v.s === 'runnable') queue.push({ id, p: v.p, i: v.i });
      else waits.push({ id, reason: v.reason });
    }
    queue.sort((a, b) => b.i - a.i); // the latest stands in next
    return { t, running, next, queue, waits };
  }
  function waiting() {
    return { height: 46 };
  }

  function draw(ctx, w, ht) {
    if (!m) return;
    const c = colours();
    const n = now();
    const left = 46, queueW = Math.min(300, w * .36), plot = w - left - queueW - 16;
    const shown = steps.slice(Math.max(0, at - 14), at);
    // time is stretched so that each step has its place: this is for reading, not for measuring
    const slots = Math.max(14, shown.length);
    const stepX = plot / slots;
    const x = k => left + (k + (slots - shown.length)) * stepX;
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    ctx.font = `11px ${c.font}`;
    ctx.fillStyle = c.muted;
    fitText(ctx, plot > 220 ? 'one step per column, newest at the right' : 'newest at the right', left, 14, plot);
    fitText(ctx, queueW > 190 ? 'waiting for this P: next, then its queue' : queueW > 120 ? 'next, then the queue' : 'its queue', w - queueW, 14, queueW);
    for (let p = 0; p < m.procs; p++) {
      const y = TOP + p * LANE;
      ctx.fillStyle = c.sunk;
      roundRect(ctx, left, y, plot, LANE - 12, 6);
      ctx.fill();
      ctx.fillStyle = c.text;
      ctx.font = `650 14px ${c.font}`;
      ctx.fillText('P' + p, 10, y + (LANE - 12) / 2);
      // slices of the steps shown
      shown.forEach((e, k) => {
        const ids = runningAt(e, p);
        if (ids === null) return;
        const first = k === 0 || runningAt(shown[k - 1], p) !== ids;
        ctx.fillStyle = nameColour(ids);
        ctx.fillRect(x(k) + (first ? 3 : -1), y + 5, stepX + (first ? -3 : 1), LANE - 22);
      });
      // names after all boxes, or the next box would cover them
      shown.forEach((e, k) => {
        const ids = runningAt(e, p);
        if (ids !== null && (k === 0 || runningAt(shown[k - 1], p) !== ids)) {
          let cols = 1;
          while (k + cols < shown.length && runningAt(shown[k + cols], p) === ids) cols++;
          ctx.fillStyle = c.bg;
          ctx.font = `600 12px ${c.font}`;
          fitText(ctx, label(ids), x(k) + 9, y + (LANE - 12) / 2, cols * stepX - 12);
        }
      });
      // queue
      let qx = w - queueW;
      n.queue.filter(q => q.p === p).slice(0, 9).forEach((q, i) => {
        const text = label(q.id);
        ctx.font = `600 11.500px ${c.font}`;
        const tw = Math.min(86, ctx.measureText(text).width + 18);
        if (qx + tw > w - 4) return;
        ctx.fillStyle = c['ready-soft'];
        ctx.strokeStyle = c.ready;
        ctx.lineWidth = i === 0 ? 2.5 : 1;
        roundRect(ctx, qx, y + 7, tw, LANE - 26, 6);
        ctx.fill();
        ctx.stroke();
        ctx.fillStyle = c.text;
        ctx.fillText(text, qx + 9, y + (LANE - 12) / 2);
        qx += tw + 5;
      });
    }
    // arrows: steals, wake-ups, creations of the last step
    shown.forEach((e, k) => {
      const ty = m.head.types[m.type[e]];
      const mid = p => TOP + p * LANE + (LANE - 12) / 2;
      if (ty === 'steal') arrow(ctx, x(k), mid(m.arg[e]), x(k) + stepX * .7, mid(m.p[e]), c.text, k === shown.length - 1 ? 2.5 : 1.25);
      else if ((ty === 'ready' || ty === 'create') && m.p[e] !== NO_P) {
        ctx.fillStyle = c.ready;
        ctx.beginPath();
        ctx.arc(x(k) + stepX / 2, TOP + m.p[e] * LANE + LANE - 14, k === shown.length - 1 ? 5 : 3, 0, 7);
        ctx.fill();
      }
    });
    // who waits, and the global queue
    const y = TOP + m.procs * LANE + 10;
    let wx = left;
    const chip = (text, fill, stroke) => {
      ctx.font = `600 12px ${c.font}`;
      const tw = ctx.measureText(text).width + 18;
      if (wx + tw > w - 8) return;
      ctx.fillStyle = fill;
      ctx.strokeStyle = stroke;
      ctx.lineWidth = 1.25;
      roundRect(ctx, wx, y + 4, tw, 28, 14);
      ctx.fill();
      ctx.stroke();
      ctx.fillStyle = c.text;
      ctx.fillText(text, wx + 9, y + 18);
      wx += tw + 8;
    };
    for (const q of n.queue.filter(q => q.p === NO_P).slice(0, 6)) chip(`${label(q.id)} · global queue`, c['ready-soft'], c.ready);
    for (const q of n.waits.slice(0, 12)) chip(`${label(q.id)} · ${q.reason}`, c['wait-soft'], c.wait);
    if (wx === left) { ctx.fillStyle = c.muted; ctx.font = `12px ${c.font}`; ctx.fillText('Nobody waits.', left, y + 18); }
  }

  const nameColour = id => siteColour('lesson ' + label(id));
  // who runs on p right after event e
  function runningAt(e, p) {
    const l = m.lanes[p];
    const s = upper(l.event, l.n, e) - 1;
    if (s < 0) return null;
    const over = l.last[s] <= e && !(l.last[s] === m.n - 1 && l.end[s] === m.t1 && m.head.types[m.type[m.n - 1]] !== 'park' && m.head.types[m.type[m.n - 1]] !== 'end');
    return over ? null : m.gids[l.g[s]];
  }

  canvas.addEventListener('pointermove', e => {
    if (!m) return;
    const p = Math.floor((view.point(e).y - TOP) / LANE);
    const n = now();
    if (p >= 0 && p < m.procs && n.running.has(p)) tip(e.clientX, e.clientY, h('b', { text: `P${p} runs ${label(n.running.get(p))}` }));
    else noTip();
  });
  canvas.addEventListener('pointerleave', noTip);

  off.push(store.on('theme', () => view.ask()), store.on('program', () => { if (demo() && lesson && again.hidden) runLive(); else if (!demo() && lesson) said.textContent = 'This is a recorded run: nothing can be started in your program from here. To run the lessons live: ./jenny demo'; }));
  load();
  return {
    key(e) {
      if (e.key === 'ArrowRight' || e.key === '.') { stop(); go(at + 1); return true; }
      if (e.key === 'ArrowLeft' || e.key === ',') { stop(); go(at - 1); return true; }
      if (e.key === ' ') { toggle(); return true; }
      if (e.key === 'Home') { go(0); return true; }
      return false;
    },
    params(p) {
      const d = p.get('demo') ?? 'go';
      if (d !== name) { name = d; params = p; load(); }
      return true;
    },
    close() {
      turn = -1;
      stop();
      off.forEach(f => f());
      view.close();
      noTip();
    },
  };
}
