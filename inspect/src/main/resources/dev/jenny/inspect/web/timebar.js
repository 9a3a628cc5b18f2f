// The time machine: a band of the last two minutes; drag to rewind, Space to pause.

import { h, replace, canvasView, colours, clock, dur, int, tip, noTip, LOST } from './ui.js';
import { store, setParams } from './store.js';

const SPAN = 120e9;

export function timeBar(box, togglePause) {
  const button = h('button', { type: 'button', class: 'live', 'aria-pressed': 'false', title: 'Pause or go on (Space)', onclick: togglePause }, 'Live');
  const when = h('span', { class: 'when num' });
  const canvas = h('canvas', { tabindex: '0', role: 'slider', 'aria-label': 'Moment shown, within the last two minutes', 'aria-valuemin': '0', 'aria-valuemax': '120', 'aria-valuenow': '120' });
  replace(box, button, h('div', { class: 'slot' }, canvas), when);

  const end = () => store.newest?.t ?? 0;
  const x2t = (x, w) => end() - SPAN + (x / w) * SPAN;

  const view = canvasView(canvas, (ctx, w, ht) => {
    const c = colours();
    const s = store.samples;
    if (!s.length) return;
    const from = end() - SPAN;
    const x = t => ((t - from) / SPAN) * w;
    const first = Math.max(0, store.index(from));
    // runnable and running as areas from below, against what there are Ps for
    let top = 1;
    for (let i = first; i < s.length; i++) top = Math.max(top, s[i].runnable + s[i].running, s[i].procs);
    const y = v => ht - (Math.sqrt(v) / Math.sqrt(top)) * (ht - 8);
    const area = (value, colour, alpha) => {
      ctx.beginPath();
      ctx.moveTo(x(s[first].t), ht);
      for (let i = first; i < s.length; i++) ctx.lineTo(x(s[i].t), y(value(s[i])));
      ctx.lineTo(x(s.at(-1).t), ht);
      ctx.fillStyle = colour;
      ctx.globalAlpha = alpha;
      ctx.fill();
      ctx.globalAlpha = 1;
    };
    area(v => v.running + v.runnable, c.ready, .75);
    area(v => v.running, c.run, .9);
    ctx.fillStyle = c.gc;
    for (const m of store.marks) if (m.type === 'gc' && m.t >= from) ctx.fillRect(x(m.t), 0, Math.max(1.5, ((m.d ?? 0) / SPAN) * w), 6);
    ctx.fillStyle = c.text; // two thin lines: another pause of the JVM
    for (const m of store.marks) if (m.type === 'pause' && m.t >= from) for (const y of [0, 4]) ctx.fillRect(x(m.t), y, Math.max(1.5, ((m.d ?? 0) / SPAN) * w), 1.5);
    ctx.fillStyle = c.stall;
    for (const m of store.marks) if (m.type === 'stall' && m.t >= from) ctx.fillRect(x(m.t), 7, 2, 5);
    if (store.at !== null) {
      const px = Math.max(1, Math.min(w - 1, x(store.at)));
      ctx.fillStyle = c.bg;
      ctx.globalAlpha = .5;
      ctx.fillRect(px, 0, w - px, ht);
      ctx.globalAlpha = 1;
      ctx.fillStyle = c.text;
      ctx.fillRect(px - 1, 0, 2, ht);
      ctx.beginPath();
      ctx.arc(px, 5, 5, 0, 7);
      ctx.fill();
    }
  });

  const label = () => {
    const paused = !store.live;
    button.setAttribute('aria-pressed', String(paused));
    button.textContent = paused ? 'Paused' : store.link === 'lost' ? 'Lost' : 'Live';
    button.classList.toggle('lost', store.link === 'lost');
    const back = (end() - store.time) / 1e9;
    when.textContent = store.newest ? clock(store.wall(store.time), paused) + (paused ? store.now ? `  −${dur(Math.max(0, back) * 1e9)}` : '  is no longer kept' : '') : '';
    canvas.setAttribute('aria-valuenow', (120 - Math.max(0, back)).toFixed(1));
    canvas.setAttribute('aria-valuetext', paused ? `${back.toFixed(1)} seconds back` : 'now');
    view.ask();
  };

  let dragging = false;
  const move = e => {
    const r = canvas.getBoundingClientRect();
    const t = x2t(e.clientX - r.left, r.width);
    if (dragging) {
      store.pause(t);
      setParams({ at: Math.round(store.at) });
    }
    const s = store.before(t);
    if (s) tip(e.clientX, r.bottom - 10, h('b', { text: clock(store.wall(s.t), true) }), h('div', { text: `${int(s.running)} run, ${int(s.runnable)} runnable, ${int(s.waiting)} wait` }));
  };
  canvas.addEventListener('pointerdown', e => {
    if (e.button) return;
    dragging = true;
    canvas.setPointerCapture(e.pointerId);
    move(e);
  });
  canvas.addEventListener('pointermove', move);
  for (const n of ['pointerup', ...LOST]) canvas.addEventListener(n, () => { dragging = false; });
  canvas.addEventListener('pointerleave', noTip);
  canvas.addEventListener('keydown', e => {
    const d = { ArrowLeft: -1e9, ArrowRight: 1e9, PageUp: -10e9, PageDown: 10e9, Home: -SPAN }[e.key];
    if (e.key === 'End') store.resume();
    else if (d) store.pause(store.time + d);
    else return;
    e.preventDefault();
    e.stopPropagation();
    setParams({ at: store.at === null ? null : Math.round(store.at) });
  });
  for (const n of ['sample', 'time', 'theme', 'link', 'program']) store.on(n, label);
}
