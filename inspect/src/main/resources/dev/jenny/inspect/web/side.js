// The panel at the side: what is selected, and from there P → goroutine → channel → waiters.

import { h, update, facts, dur, int, asItIsNow, stateTag, gLink, shortSite, spawnSite } from './ui.js';
import { get } from './api.js';
import { poll } from './poll.js';
import { store, setParams } from './store.js';

export function drawSide(box) {
  async function draw(signal) {
    const sel = store.sel;
    if (!sel) {
      close();
      return;
    }
    let content;
    try {
      content = sel.startsWith('p') ? drawP(Number(sel.slice(1))) : sel.startsWith('t') ? drawThread(sel.slice(1)) : sel.startsWith('g') ? await drawG(sel.slice(1), signal) : await drawObject(sel.replace(/^o/, ''), signal);
    } catch (e) {
      content = h('p', { class: 'muted', text: e.message });
    }
    if (signal.aborted) return;
    box.hidden = false;
    update(box, h('button', { type: 'button', class: 'ghost icon', style: { float: 'right' }, 'aria-label': 'Close selection', onclick: () => { store.select(null); setParams({ sel: null }); } }, '✕'), h('div', { class: 'stack' }, content));
  }

  let opener = null; // what had the focus when the panel was opened
  const hasFocus = () => box.contains(document.activeElement);
  store.on('select', sel => { if (sel && !hasFocus()) opener = document.activeElement; });
  function close() {
    const goesBack = hasFocus();
    box.hidden = true;
    if (!goesBack) return;
    opener?.focus();
    if (opener !== document.activeElement || opener === document.body) document.getElementById('main').focus({ preventScroll: true });
  }

  const pick = sel => () => { store.select(sel); setParams({ sel }); };
  const gButton = (id, text) => h('button', { type: 'button', class: 'mono', onclick: pick('g' + id) }, text ?? 'g' + id);

  function drawP(id) {
    const s = store.now;
    const p = s?.p.find(x => x.id === id);
    if (!p) return h('p', { class: 'muted', text: `P${id} is not in use at this moment.` });
    return [
      h('h2', { text: 'P' + id }), h('div', {}, stateTag(p.st)),
      facts([
        ['Runs', p.g ? gButton(p.g) : 'nothing'],
        ['Spawned at', p.site && h('span', { class: 'site', text: p.site })],
        ['For', p.g && p.ran ? dur(p.ran) : null],
        ['Queue', `${int(p.q)} of 256${p.next ? ', one in next' : ''}`],
        ['Switches', int(p.sw)],
        ['Steals', p.steals === undefined ? null : int(p.steals)],
        ['Busy', p.busy === undefined ? null : Math.round(p.busy * 100) + ' %'],
      ]),
      h('p', { class: 'small muted', text: explainP(p) }),
    ];
  }

  function drawThread(id) {
    return [h('h2', { text: 'Thread ' + id }), h('p', { class: 'small muted', text: `A thread that is no goroutine: jcmd ${store.program?.pid ?? 'PID'} Thread.print shows its stack.` })];
  }

  async function drawG(id, signal) {
    const g = await get('goroutines/' + id, {}, { signal });
    return [
      h('h2', {}, gLink(g.id, 'goroutine ' + g.id)), h('div', { class: 'row' }, stateTag(g.state, g.reason || g.state), g.waitNs > 0 && h('span', { class: 'small muted', text: 'for ' + dur(g.waitNs) })),
      !store.live && asItIsNow(),
      facts([
        ['Spawned at', h('span', { class: 'site', title: g.site, text: spawnSite(g.site) })],
        ['By', g.parent ? gButton(g.parent) : null],
        ['Waits for', g.on && h('button', { type: 'button', onclick: pick('o' + g.on.id) }, g.on.label)],
        ['Labels', g.labels && Object.keys(g.labels).length ? Object.entries(g.labels).map(([k, v]) => `${k}=${v}`).join(', ') : null],
      ]),
      g.wakers?.length ? [h('h3', { text: 'Could wake it' }), h('div', { class: 'row' }, g.wakers.slice(0, 12).map(w => (w.id ? gButton(w.id, `g${w.id}${w.how ? ' · ' + w.how : ''}`) : h('span', { class: 'small', text: w.how }))))] : null,
      g.stack?.length ? [h('h3', { text: 'Stack' }), h('pre', { class: 'code small', tabindex: '0', role: 'region', 'aria-label': 'Stack' }, g.stack.slice(0, 14).map(shortSite).join('\n'))] : null,
    ];
  }

  async function drawObject(id, signal) {
    const list = await get('chans', { id, at: store.atParam }, { signal });
    const o = list.objects.find(x => String(x.id) === String(id));
    if (!o) return h('p', { class: 'muted', text: notListed(list) });
    return [
      h('h2', { text: o.label }), h('p', { class: 'small muted', text: o.kind }),
      facts([
        ['Holds', o.cap === undefined || o.cap < 0 ? null : `${int(o.len)} of ${int(o.cap)}`],
        ['Closed', o.closed ? 'yes' : null],
        ['Wait to send', o.senders || null], ['Wait to receive', o.receivers || null],
        ['Held by', o.owner ? gButton(o.owner) : null],
      ]),
      h('h3', { text: o.waiters?.length ? 'Waiters' : 'No waiters' }),
      h('div', { class: 'row' }, (o.waiters ?? []).slice(0, 40).map(w => gButton(w.id ?? w, 'g' + (w.id ?? w) + (w.op ? ' · ' + w.op : '')))),
    ];
  }

  function notListed(list) {
    if (store.live) return 'Nobody waits at this object any more.';
    const kept = list.objects.length;
    return list.total > kept ? `It is not among the ${int(kept)} objects, of ${int(list.total)}, that are kept of this moment.` : 'Nobody waited at this object at this moment.';
  }

  const isP = () => store.sel?.startsWith('p');
  const request = poll(1500, draw, () => store.sel && !isP());
  store.on('select', () => request.now());
  store.on('time', () => { if (store.sel) request.soon(); });
  let last = 0;
  let shown = null;
  store.on('sample', () => { // of a P the samples tell all; of a moment of the past, once they have come
    if (isP() && store.now !== shown && performance.now() - last > 450) {
      last = performance.now();
      shown = store.now;
      request.soon();
    }
  });
}

function explainP(p) {
  switch (p.st) {
    case 'running': return 'Its M runs a goroutine. What is woken by it goes into next and then to the tail of its queue.';
    case 'spinning': return 'Its M has no work and looks into the other queues; at most half of the busy Ps do that.';
    case 'idle': return 'Nothing to do; its M sleeps until work comes or a timer is due.';
    case 'stalled': return 'One goroutine has held this M for 10 ms or more. The P no longer counts, another was brought in; its queue is open to thieves.';
    case 'retiring': return 'GOMAXPROCS was lowered: it stops at its next scheduling step.';
    default: return 'Kept in reserve.';
  }
}
