// The home page: a lane for each P, the global queue, timers and GC, live, rewound, or in slow motion.

import { h, replace, update as redraw, canvasView, windowHeight, colours, siteColour, spark, dur, int, many, short, shortSite, fitText, roundRect, pageHead, segments, tip, noTip, stateTag, clock } from '../ui.js';
import { binary } from '../api.js';
import { store, setParams, positive } from '../store.js';
import { parse, build, upper, siteName, sentence, NO_P } from '../trace-model.js';
import { drawProc, drawAxis, drawPauses, arrow, pauseBand, pauseText } from '../lanes.js';

const TOP = 58;
const PAUSES = 10; // in the list
const SPEEDS = [['1', 'Live'], ['10', '1/10'], ['100', '1/100'], ['1000', '1/1000'], ['step', 'Step']];
const STATE_MARK = { running: '', spinning: 'spinning', idle: 'idle', stalled: 'stalled', retiring: 'retiring' };

export function open(root, params) {
  const off = [];
  let span = Math.max(1, Math.min(120, positive(params, 'span', 8))) * 1e9;
  let slow = null; // {m, at, speed, playing, span}
  let chosen = null;
  let frame = 0;
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;

  // ---- the strip of figures
  const figures = [
    ['Goroutines', s => short(s.live), s => `${short(s.created)} made so far`, s => s.live, 'wait'],
    ['Running', s => `${int(s.running)}`, s => `of ${many(s.procs, 'P')}`, s => s.running, 'run'],
    ['Runnable', s => short(s.runnable), s => `${int(s.gq)} in global queue`, s => s.runnable, 'ready'],
    ['Queueing, p99', s => dur(s.p99), s => `median ${dur(s.p50)}`, s => s.p99 ?? 0, 'stall'],
    ['Switches', (s, r) => `${short(r('sw'))}/s`, (s, r) => `${short(r('handoffs'))} hand-offs, ${short(r('steals'))} stolen`, null, 'run', 'sw'],
    ['CPU', s => (s.cpu === undefined || s.cpu < 0 ? '–' : `${s.cpu.toFixed(2)}`), s => (s.quota ? `cores used; quota ${s.quota} of ${many(s.machine ?? s.cpus, 'CPU')}` : `cores used, of ${s.cpus ?? s.procs}`), s => s.cpu ?? 0, 'accent'],
    ['Heap', s => (s.heap ? `${short(Math.round(s.heap / 1048576))}` : '–'), s => (s.heapMax ? `MiB of ${short(Math.round(s.heapMax / 1048576))}, ${many(s.gcCount, 'GC')}` : 'MiB'), s => s.heap ?? 0, 'gc'],
  ].map(([name, value, sub, series, colour, rate]) => {
    const v = h('div', { class: 'v' }), u = h('div', { class: 'sub' }), canvas = h('canvas', { 'aria-hidden': 'true' });
    return { e: h('div', {}, h('div', { class: 'k', text: name }), v, u, canvas), v, u, value, sub, series, colour, rate, view: null, canvas };
  });
  const strip = h('div', { class: 'strip', role: 'group', 'aria-label': 'Figures of the moment shown' }, figures.map(f => f.e));
  for (const f of figures) {
    f.view = canvasView(f.canvas, (ctx, w, ht) => {
      const end = store.time, from = end - 60e9;
      const s = store.samples.slice(Math.max(0, store.index(from)), store.index(end) + 1);
      const values = f.rate ? s.slice(1).map((x, i) => Math.max(0, (x[f.rate] - s[i][f.rate]) / ((x.t - s[i].t) / 1e9))) : s.map(f.series);
      spark(ctx, w, ht, values, colours()[f.colour]);
    });
  }

  // ---- lanes
  const canvas = h('canvas', { tabindex: '0', role: 'application', 'aria-label': 'Lanes of the processors over time. Arrow keys choose a lane, Enter opens it. The table below has the same figures.' });
  const rows = () => (slow ? slow.m.procs : Math.max(1, (store.now?.p ?? []).filter(visible).length));
  // lanes are as tall as there is room for
  let LANE = 46;
  const view = canvasView(canvas, draw, { height: w => { LANE = Math.max(46, Math.min(w / 12, 84, (windowHeight() - 520) / rows())); return TOP + rows() * LANE + 34; } });
  const geometry = w => {
    const label = w < 560 ? 38 : 64;
    const now = slow ? 8 : w < 560 ? 84 : w < 900 ? 170 : 250;
    return { x: label, w: Math.max(60, w - label - now), nowX: w - now + 8, nowW: now - 14 };
  };

  function draw(ctx, w) {
    const c = colours();
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    if (slow) drawSlow(ctx, w, c);
    else drawLive(ctx, w, c);
  }

  function drawLive(ctx, w, c) {
    const s = store.now;
    const g = geometry(w);
    if (!s) return;
    const end = store.time, from = end - span;
    const x = t => g.x + ((t - from) / span) * g.w;
    const i0 = Math.max(0, store.index(from)), i1 = store.index(end);
    const lanes = s.p.filter(visible);
    const row = new Map(lanes.map((p, i) => [p.id, i]));
    const bottom = TOP + lanes.length * LANE;

    ctx.save();
    ctx.beginPath();
    ctx.rect(g.x, 0, g.w, bottom + 40);
    ctx.clip();
    drawAxis(ctx, g.x, bottom + 6, g.w, 12, from, end, end);
    // pauses: bands through all lanes
    for (const m of store.marks) if (isPause(m) && m.t >= from - 10e9 && m.t <= end) pauseBand(ctx, c, x(m.t), 0, Math.max(2, ((m.d ?? 0) / span) * g.w), bottom, m.type === 'gc');
    // global queue, on a square-root scale so that 3 and 3000 both show
    let top = 16;
    for (let i = i0; i <= i1; i++) top = Math.max(top, store.samples[i].gq);
    ctx.beginPath();
    ctx.moveTo(x(store.samples[i0].t), TOP - 12);
    for (let i = i0; i <= i1; i++) ctx.lineTo(x(store.samples[i].t), TOP - 12 - Math.sqrt(store.samples[i].gq / top) * (TOP - 22));
    ctx.lineTo(x(store.samples[i1]?.t ?? end), TOP - 12);
    ctx.closePath();
    ctx.fillStyle = c['ready-soft'];
    ctx.fill();
    ctx.strokeStyle = c.ready;
    ctx.lineWidth = 1.25;
    ctx.stroke();

    // the threads
    const usable = LANE - 14;
    for (let i = i0; i <= i1; i++) {
      const a = store.samples[i], b = store.samples[i + 1];
      const x0 = x(a.t), x1 = i < i1 && b ? x(b.t) : Math.min(x(end), x(a.t + 110e6));
      for (const p of a.p) {
        const r = row.get(p.id);
        if (r === undefined) continue;
        const y = TOP + r * LANE;
        const busy = p.busy ?? (p.g ? 1 : 0);
        if (p.st === 'stalled') {
          ctx.fillStyle = c['stall-soft'];
          ctx.fillRect(x0, y, x1 - x0 + .5, usable);
          ctx.fillStyle = c.stall;
          for (let k = x0 - (x0 % 5); k < x1; k += 5) ctx.fillRect(k, y, 2, usable);
        } else if (busy > 0) {
          const ht = Math.max(2, busy * usable);
          ctx.fillStyle = siteColour(p.site ?? '');
          ctx.fillRect(x0, y + usable - ht, Math.max(1, x1 - x0 - .75), ht);
        } else {
          ctx.fillStyle = p.st === 'spinning' ? c.spin : c.line;
          ctx.fillRect(x0, y + usable - 2, p.st === 'spinning' ? (x1 - x0) / 2 : x1 - x0, 2);
        }
        if (p.q > 0) {
          ctx.fillStyle = c.ready;
          const ht = Math.max(1, Math.sqrt(p.q / 256) * 9);
          ctx.fillRect(x0, y + usable + 2, x1 - x0 + .3, ht);
        }
      }
    }
    // steals and hand-overs
    // of many steals, the biggest of each stretch: else the arrows hide the threads
    const biggest = new Map();
    for (let k = store.marks.length - 1; k >= 0; k--) {
      const m = store.marks[k];
      if (m.type !== 'steal') continue; // some of the others come late
      if (m.t < from - 1e9) break;
      const stretch = Math.floor((m.t / span) * 26);
      if ((biggest.get(stretch)?.n ?? 0) < m.n) biggest.set(stretch, m);
    }
    for (let k = store.marks.length - 1; k >= 0; k--) {
      const m = store.marks[k];
      if (isPause(m) || m.t > end) continue;
      if (m.t < from) break;
      const r = row.get(m.p);
      if (r === undefined) continue;
      const y = TOP + r * LANE + usable / 2;
      if (m.type === 'steal') {
        const v = row.get(m.q);
        if (v === undefined || biggest.get(Math.floor((m.t / span) * 26)) !== m) continue;
        ctx.globalAlpha = .8;
        arrow(ctx, x(m.t) - 14, TOP + v * LANE + usable / 2, x(m.t), y, c.text, 1.25);
        ctx.globalAlpha = 1;
      } else if (m.type === 'stall') {
        ctx.fillStyle = c.stall;
        ctx.beginPath();
        ctx.moveTo(x(m.t), y - 8);
        ctx.lineTo(x(m.t) + 7, y + 6);
        ctx.lineTo(x(m.t) - 7, y + 6);
        ctx.fill();
      }
    }
    ctx.restore();

    // labels at the left, the moment at the right
    ctx.font = `600 12px ${c.font}`;
    ctx.fillStyle = c.muted;
    ctx.textAlign = 'left';
    ctx.font = `500 11px ${c.font}`;
    fitText(ctx, g.x > 50 ? 'global q.' : 'GQ', 8, TOP - 20, g.x - 8);
    ctx.fillStyle = c.line;
    ctx.fillRect(g.x, TOP - 12, g.w, 1);
    ctx.fillStyle = c.text;
    ctx.font = `600 12px ${c.font}`;
    fitText(ctx, g.nowW > 120 ? `${int(s.gq)} in global queue` : `${short(s.gq)} in GQ`, g.nowX, TOP - 34, g.nowW);
    ctx.fillStyle = c.muted;
    ctx.font = `11px ${c.font}`;
    fitText(ctx, `${many(s.timers, 'timer')}${s.nextTimer > 0 && g.nowW > 120 ? ', next in ' + dur(s.nextTimer) : ''}`, g.nowX, TOP - 18, g.nowW);
    for (const p of lanes) {
      const y = TOP + row.get(p.id) * LANE;
      const mid = y + usable / 2;
      if (chosen === p.id || store.sel === 'p' + p.id) {
        ctx.strokeStyle = c.focus;
        ctx.lineWidth = 1.5;
        roundRect(ctx, 2, y - 5, w - 4, LANE - 4, 8);
        ctx.stroke();
      }
      ctx.fillStyle = c.text;
      ctx.font = `650 14px ${c.font}`;
      ctx.fillText('P' + p.id, 10, mid - (g.x > 50 ? 6 : 0));
      if (g.x > 50) {
        ctx.font = `10.500px ${c.font}`;
        ctx.fillStyle = p.st === 'stalled' ? c.stall : c.muted;
        ctx.fillText(p.st, 10, mid + 9);
      }
      spindle(ctx, c, p, g.nowX + 12, mid, end);
      const tx = g.nowX + 32;
      ctx.fillStyle = c.text;
      ctx.font = `600 12px ${c.mono}`;
      fitText(ctx, p.g ? 'g' + p.g : STATE_MARK[p.st] ?? p.st, tx, mid - 7, g.nowW - 32);
      ctx.font = `11px ${c.font}`;
      ctx.fillStyle = c.muted;
      if (g.nowW > 120 && p.g) fitText(ctx, shortSite(p.site), tx, mid + 8, g.nowW - 36);
      queue(ctx, c, p, tx, y + usable + 2, g.nowW - 40);
    }
  }

  // a bobbin that turns while the P runs something
  function spindle(ctx, c, p, x, y, time) {
    const on = p.st === 'running' || p.st === 'stalled';
    const colour = p.st === 'stalled' ? c.stall : p.g ? siteColour(p.site ?? '') : p.st === 'spinning' ? c.spin : c.idle;
    ctx.strokeStyle = colour;
    ctx.lineWidth = 2.5;
    ctx.setLineDash(p.st === 'spinning' ? [3, 3] : []);
    ctx.beginPath();
    ctx.arc(x, y, 10, 0, 7);
    ctx.stroke();
    ctx.setLineDash([]);
    if (on) {
      const turn = calm || !store.live ? .6 : (time / 1e9) * (1.5 + 4 * (p.busy ?? 1)) + p.id;
      ctx.fillStyle = colour;
      for (let k = 0; k < 3; k++) {
        ctx.beginPath();
        ctx.moveTo(x, y);
        ctx.arc(x, y, 7, turn + k * 2.094, turn + k * 2.094 + 1.1);
        ctx.fill();
      }
    }
  }

  function queue(ctx, c, p, x, y, w) {
    const n = Math.min(p.q, 64);
    const each = Math.min(5, Math.max(1.5, w / 64));
    ctx.fillStyle = c.ready;
    if (p.next) ctx.fillRect(x, y, 7, 8);
    for (let i = 0; i < n; i++) ctx.fillRect(x + 10 + i * each, y, Math.max(.8, each - 1.2), 8);
    if (p.q > 0 && w > 60) {
      ctx.font = `11px ${c.font}`;
      ctx.fillStyle = c.muted;
      const text = `${int(p.q)} queued`;
      if (16 + n * each + ctx.measureText(text).width < w) ctx.fillText(text, x + 16 + n * each, y + 4);
    }
  }

  // ---- slow motion: what was recorded, replayed
  function drawSlow(ctx, w, c) {
    const g = geometry(w);
    const { m } = slow;
    const a = slow.at - slow.span * .7, b = slow.at + slow.span * .3;
    const x = t => g.x + ((t - a) / (b - a)) * g.w;
    const usable = LANE - 14;
    const bottom = TOP + m.procs * LANE;
    ctx.save();
    ctx.beginPath();
    ctx.rect(g.x, 0, g.w, bottom + 40);
    ctx.clip();
    drawAxis(ctx, g.x, bottom + 6, g.w, 12, a, b, m.t0);
    for (let q = 0; q < m.procs; q++) drawProc(ctx, m, m.lanes[q], g.x, TOP + q * LANE, g.w, usable, a, b, { selected: store.sel?.[0] === 'g' ? m.dense.get(Number(store.sel.slice(1))) ?? -1 : -1 });
    drawPauses(ctx, m, g.x, TOP - 6, g.w, bottom - TOP, a, b);
    const lo = upper(m.t, m.n, a), hi = upper(m.t, m.n, b);
    if (hi - lo < 3000) {
      for (let i = lo; i < hi; i++) {
        const ty = m.type[i];
        if (m.p[i] === NO_P) continue;
        const y = TOP + m.p[i] * LANE + usable / 2;
        if (ty === m.code.steal) arrow(ctx, x(m.t[i]) - 16, TOP + m.arg[i] * LANE + usable / 2, x(m.t[i]), y, c.text, 1.5);
        else if (ty === m.code.ready || ty === m.code.create) {
          ctx.fillStyle = c.ready;
          ctx.beginPath();
          ctx.arc(x(m.t[i]), y + usable / 2 + 5, 3, 0, 7);
          ctx.fill();
        } else if (ty === m.code.handoff) {
          ctx.fillStyle = c.text;
          ctx.fillRect(x(m.t[i]) - 1, y - usable / 2 - 3, 2, 5);
        } else if (ty === m.code.stall) {
          ctx.fillStyle = c.stall;
          ctx.fillRect(x(m.t[i]) - 1.5, y - usable / 2, 3, usable);
        }
      }
    }
    ctx.fillStyle = c.bg;
    ctx.globalAlpha = .55;
    ctx.fillRect(x(slow.at), TOP - 14, g.w, bottom - TOP + 10);
    ctx.globalAlpha = 1;
    ctx.fillStyle = c.text;
    ctx.fillRect(x(slow.at) - 1, 20, 2, bottom - 18);
    ctx.restore();
    ctx.textAlign = 'left';
    ctx.font = `600 12px ${c.font}`;
    ctx.fillStyle = c.text;
    fitText(ctx, `${dur(slow.at - m.t0)} into the recording of ${dur(m.t1 - m.t0)}`, g.x, 12, g.w);
    for (let q = 0; q < m.procs; q++) {
      ctx.fillStyle = c.text;
      ctx.font = `650 14px ${c.font}`;
      ctx.fillText('P' + q, 10, TOP + q * LANE + usable / 2);
    }
  }

  const ticker = h('ol', { class: 'ticker', 'aria-live': 'off', 'aria-label': 'Events up to the moment shown' });
  const tickerCard = h('section', { class: 'card', hidden: true }, h('h2', { text: 'What happens' }), ticker);
  function drawTicker() {
    if (!slow) return;
    const { m } = slow;
    const i = upper(m.t, m.n, slow.at) - 1;
    const items = [];
    for (let k = i; k >= 0 && items.length < 7; k--) items.push(h('li', {}, h('span', { class: 'num', text: '+' + dur(m.t[k] - m.t0) }), h('span', { text: sentence(m, k) })));
    replace(ticker, items);
  }

  const status = h('span', { class: 'small muted', role: 'status' });
  let wanted = SPEEDS.some(s => s[0] === params.get('slow')) ? params.get('slow') : '1';
  const speed = segments('Speed', SPEEDS, wanted, setSpeed);
  const spans = segments('Seconds shown', [['2', '2 s'], ['8', '8 s'], ['30', '30 s'], ['120', '2 min']], String(span / 1e9), v => { span = Number(v) * 1e9; setParams({ span: v === '8' ? null : v }); view.ask(); });
  const stepButtons = h('span', { class: 'row', hidden: true },
    h('button', { type: 'button', onclick: () => stepEvent(-1) }, '◂ Event'), h('button', { type: 'button', onclick: () => stepEvent(1) }, 'Event ▸'),
    h('button', { type: 'button', onclick: () => loadSlow(true) }, 'Record again'));

  async function setSpeed(v) {
    wanted = v;
    setParams({ slow: v === '1' ? null : v });
    if (v === '1') {
      slow = null;
      stepButtons.hidden = tickerCard.hidden = true;
      spans.hidden = false;
      status.textContent = '';
      view.ask();
      return;
    }
    if (!slow) await loadSlow();
    if (v !== wanted) { // another has been chosen meanwhile
      if (wanted === '1') slow = null;
      return;
    }
    if (slow) {
      slow.speed = v === 'step' ? 0 : 1 / Number(v);
      slow.playing = v !== 'step';
      slow.span = v === 'step' ? (slow.span ?? 2e6) : 2.4e9 / Number(v);
      if (v === 'step') slow.span = Math.min(slow.span, 400e3);
      spans.hidden = true;
      stepButtons.hidden = tickerCard.hidden = false;
      view.ask();
      drawTicker();
    }
  }

  async function loadSlow(again) {
    const old = slow;
    status.textContent = 'Fetching the recorded events …';
    try {
      const m = build(parse(await binary('trace', { seconds: 1, limit: 400000, at: store.atParam })));
      if (m.n < 2) {
        status.textContent = store.live ? 'Nothing was recorded in this second: no goroutine was scheduled.' : 'Nothing is recorded of this second: the recording began later, or has been overwritten since.';
        speed.set('1');
        setParams({ slow: null });
        return;
      }
      slow = { m, at: m.t0, speed: old?.speed ?? 0, playing: old?.playing ?? false, span: old?.span ?? 2e6 };
      status.textContent = `${int(m.n)} events, ${m.procs} Ps, ${dur(m.t1 - m.t0)}${m.head.dropped ? `; ${int(m.head.dropped)} older ones had been overwritten` : ''}`;
      if (again) { view.ask(); drawTicker(); }
    } catch (e) {
      status.textContent = e.message;
      if (!old) { speed.set('1'); setParams({ slow: null }); }
    }
  }

  function stepEvent(d) {
    if (!slow) return;
    const { m } = slow;
    slow.playing = false;
    const i = upper(m.t, m.n, slow.at) - 1 + d;
    slow.at = m.t[Math.max(0, Math.min(m.n - 1, i))];
    view.ask();
    drawTicker();
  }

  // ---- the same as a table
  const body = h('tbody');
  const pauses = h('ul', { class: 'small', 'aria-label': 'The last pauses' });
  const tableBox = h('details', { class: 'card' }, h('summary', { text: 'The lanes as a table' }), h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Processors', style: { 'margin-top': '10px' } }, h('table', {}, h('caption', { class: 'sr', text: 'Processors at the moment shown' }),
    h('thead', {}, h('tr', {}, ['P', 'M', 'State', 'Runs', 'For', 'Spawned at', 'Queue', 'Busy', 'Switches', 'Steals'].map((t, i) => h('th', { scope: 'col', class: i === 4 || i > 5 ? 'num' : '' }, t)))), body)), pauses);
  tableBox.addEventListener('toggle', drawTable);
  function drawTable() {
    if (!tableBox.open || !store.now) return;
    redraw(pauses, store.marks.filter(m => isPause(m) && m.t <= store.time).sort((a, b) => b.t - a.t).slice(0, PAUSES).map(m => h('li', { text: `${clock(store.wall(m.t), true)} ${pauseText(m.type === 'gc', m.d, m.name)}` })));
    redraw(body, store.now.p.filter(visible).map(p => h('tr', {}, h('td', {}, h('button', { type: 'button', onclick: () => choose('p' + p.id) }, 'P' + p.id)), h('td', { class: 'mono', text: p.m ?? '' }), h('td', {}, stateTag(p.st), p.held && [' ', stateTag('stalled', p.held)]), h('td', {}, p.g ? h('button', { type: 'button', class: 'mono', onclick: () => choose('g' + p.g) }, 'g' + p.g) : '–'), h('td', { class: 'num', text: p.g && p.ran !== undefined ? dur(p.ran) : '–' }), h('td', { class: 'site', text: p.site ? shortSite(p.site) : '' }), h('td', { class: 'num', text: int(p.q) + (p.next ? ' + next' : '') }), h('td', { class: 'num', text: p.busy === undefined ? '–' : Math.round(p.busy * 100) + ' %' }), h('td', { class: 'num', text: int(p.sw) }), h('td', { class: 'num', text: int(p.steals) }))));
  }

  const legend = h('div', { class: 'legend', 'aria-label': 'Legend' },
    h('span', { class: 'muted', text: 'Colour of a thread: where its goroutine was spawned.' }), h('span', { class: 'tag ready', text: 'queued' }), h('span', { class: 'tag spin', text: 'spinning' }), h('span', { class: 'tag stall', text: 'stalled: held for 10 ms' }), h('span', { class: 'tag gc', text: 'garbage collection' }), h('span', { class: 'tag pause', text: 'other pause of the JVM' }), h('span', { class: 'tag plain', text: '⤳ steal' }));
  const sites = h('div', { class: 'legend' });

  const teach = h('div', {});
  replace(root, pageHead('Scheduler', 'Each thread is what one processor (P) spun: which goroutine it ran, and how busily. Click a lane for its goroutine, and on from there.'),
    strip, h('div', { class: 'sched stack' }, h('div', { class: 'controls' }, speed, stepButtons, spans, status), teach, h('div', { class: 'canvas' }, canvas), h('div', { class: 'card stack small' }, legend, sites), tickerCard, tableBox));

  function choose(sel) {
    store.select(sel);
    setParams({ sel });
    view.ask();
  }

  function place(e) {
    const { x, y } = view.point(e);
    const g = geometry(view.width);
    const i = Math.floor((y - TOP + 6) / LANE);
    return { x, y, g, i, inside: i >= 0 && i < rows() };
  }
  canvas.addEventListener('pointermove', e => {
    const at = place(e);
    if (!at.inside) { noTip(); return; }
    if (slow) {
      const found = sliceAt(at);
      if (found) tip(e.clientX, e.clientY, h('b', { text: `g${slow.m.gids[found.k]} on P${at.i}` }), h('div', { class: 'mono', text: shortSite(siteName(slow.m, found.k)) }), h('div', { text: `${dur(found.to - found.from)}; then ${sentence(slow.m, found.last)}` }));
      else noTip();
      return;
    }
    const t = store.time - span + ((at.x - at.g.x) / at.g.w) * span;
    const slack = (3 / at.g.w) * span;
    const stop = store.marks.findLast(m => isPause(m) && t >= m.t - slack && t <= m.t + (m.d ?? 0) + slack);
    if (stop && at.x <= at.g.x + at.g.w) { tip(e.clientX, e.clientY, h('b', { text: pauseText(stop.type === 'gc', stop.d) }), stop.name && h('div', { class: 'mono', text: stop.name }), h('div', { text: 'at ' + clock(store.wall(stop.t), true) })); return; }
    const s = at.x > at.g.x + at.g.w ? store.now : store.before(t);
    const p = s?.p.filter(visible)[at.i];
    if (!p) { noTip(); return; }
    tip(e.clientX, e.clientY, h('b', { text: `P${p.id} ${p.st}${p.g ? ', runs g' + p.g : ''}` }), p.site && h('div', { class: 'mono', text: shortSite(p.site) }), h('div', { text: `${int(p.q)} queued${p.next ? ' and one in next' : ''}${p.busy !== undefined ? `, busy ${Math.round(p.busy * 100)} %` : ''}, at ${clock(store.wall(s.t), true)}` }));
  });
  canvas.addEventListener('pointerleave', noTip);
  canvas.addEventListener('click', e => {
    const at = place(e);
    if (!at.inside) return;
    if (slow) {
      const found = sliceAt(at);
      if (found) choose('g' + slow.m.gids[found.k]);
      return;
    }
    const p = store.now?.p.filter(visible)[at.i];
    if (!p) return;
    const t = store.time - span + ((at.x - at.g.x) / at.g.w) * span;
    const then = at.x < at.g.x + at.g.w && at.x > at.g.x ? store.before(t)?.p.find(x => x.id === p.id) : p;
    chosen = p.id;
    choose(at.x > at.g.x && then?.g ? 'g' + then.g : 'p' + p.id);
  });
  function sliceAt({ x, g, i }) {
    const { m } = slow;
    const l = m.lanes[i];
    const t = slow.at - slow.span * .7 + ((x - g.x) / g.w) * slow.span;
    const s = upper(l.start, l.n, t) - 1;
    return s >= 0 && l.end[s] >= t ? { k: l.g[s], from: l.start[s], to: l.end[s], last: l.last[s] } : null;
  }

  function update() {
    const s = store.now;
    if (!s) { // not yet, or no longer kept
      for (const f of figures) { f.v.textContent = '–'; f.u.textContent = ''; }
      return;
    }
    const i = store.index(store.time);
    const before = store.samples[Math.max(0, i - 10)];
    const rate = k => (before && s.t > before.t ? Math.max(0, (s[k] - before[k]) / ((s.t - before.t) / 1e9)) : 0);
    for (const f of figures) {
      f.v.textContent = f.value(s, rate);
      f.u.textContent = f.sub(s, rate);
      f.view.ask();
    }
    const counts = new Map();
    for (const p of s.p) if (p.site) counts.set(p.site, (counts.get(p.site) ?? 0) + 1);
    const key = [...counts.keys()].join();
    if (sites.dataset.key !== key) {
      sites.dataset.key = key;
      replace(sites, [...counts.keys()].slice(0, 8).map(site => h('span', { class: 'tag plain' }, h('span', { 'aria-hidden': 'true', style: { background: siteColour(site), width: '14px', height: '8px', 'border-radius': '2px' } }), h('span', { class: 'mono', text: shortSite(site) }))));
    }
    const fallback = store.program?.mode === 'fallback';
    const quiet = !fallback && s.live === 0;
    if (teach.dataset.key !== `${fallback}${quiet}`) {
      teach.dataset.key = `${fallback}${quiet}`;
      replace(teach, fallback && h('p', { class: 'note warn', text: 'Goroutines run on the JDK\'s scheduler (fallback mode): there are no Ps to show. Add --add-opens java.base/java.lang=ALL-UNNAMED, or start with jenny run.' }),
        quiet && h('p', { class: 'note' }, 'No goroutine lives yet. They appear here as soon as the program says go(() -> …). ', h('a', { href: '#/learn', text: 'See what happens then' }), '.'));
    }
    drawTable();
    if (store.sel === null && calm) view.ask();
  }

  off.push(store.on('sample', update), store.on('time', update), store.on('theme', () => { view.ask(); sites.dataset.key = ''; update(); }), store.on('select', () => view.ask()));
  let lastFrame = 0;
  let lastTick = 0;
  (function loop(now) {
    frame = requestAnimationFrame(loop);
    if (document.hidden) return;
    if (slow) {
      if (slow.playing) {
        slow.at += (now - lastFrame) * 1e6 * slow.speed;
        if (slow.at > slow.m.t1) slow.at = slow.m.t0;
        view.paint();
        if (now - lastTick > 250) { lastTick = now; drawTicker(); }
      }
    } else if (store.live && now - lastTick > (calm ? 480 : 31)) {
      lastTick = now;
      view.paint();
    } else if (!store.live && now - lastTick > 200) {
      lastTick = now;
      view.paint();
    }
    lastFrame = now;
  })(performance.now());
  if (params.get('sel')) store.select(params.get('sel'));
  update();
  if (wanted !== '1') setSpeed(wanted);

  return {
    key(e) {
      const k = e.key;
      const ids = (store.now?.p ?? []).filter(visible).map(p => p.id);
      if (k === 'ArrowUp' || k === 'ArrowDown') {
        if (!ids.length) return false;
        const i = ids.indexOf(chosen) + (k === 'ArrowDown' ? 1 : -1);
        chosen = ids[Math.max(0, Math.min(ids.length - 1, i))];
        view.ask();
        return true;
      }
      if (k === 'Enter' && chosen !== null) {
        const p = store.now?.p.find(x => x.id === chosen);
        choose(e.shiftKey && p?.g ? 'g' + p.g : 'p' + chosen);
        return true;
      }
      if (slow) {
        if (k === 'ArrowRight' || k === '.' || k === 'd') { stepEvent(1); return true; }
        if (k === 'ArrowLeft' || k === ',' || k === 'a') { stepEvent(-1); return true; }
        if (k === ' ') { if (slow.speed === 0) stepEvent(1); else slow.playing = !slow.playing; return true; }
        if (k === 'w') { slow.span /= 1.5; view.ask(); return true; }
        if (k === 's') { slow.span *= 1.5; view.ask(); return true; }
        if (k === 'f') { slow.span = (slow.m.t1 - slow.m.t0) * 1.05; view.ask(); return true; }
        return false;
      }
      if (k === 'w' || k === 's') { span = Math.max(1e9, Math.min(120e9, span * (k === 'w' ? .5 : 2))); setParams({ span: span / 1e9 }); spans.set(String(span / 1e9)); view.ask(); return true; }
      if (k === 'ArrowLeft' || k === 'a' || k === 'ArrowRight' || k === 'd') {
        store.pause(store.time + (k === 'ArrowLeft' || k === 'a' ? -1 : 1) * span / 16);
        setParams({ at: Math.round(store.at) });
        return true;
      }
      if (k === 'f') { span = 120e9; spans.set('120'); view.ask(); return true; }
      return false;
    },
    params: () => true,
    close() {
      cancelAnimationFrame(frame);
      off.forEach(f => f());
      view.close();
      figures.forEach(f => f.view.close());
      noTip();
    },
  };
}

const visible = p => p.st !== 'spare';
const isPause = m => m.type === 'gc' || m.type === 'pause';
