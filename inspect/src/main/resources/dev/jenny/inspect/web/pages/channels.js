// Channels, locks and whatever else goroutines wait on: how full, who waits, who holds.

import { h, replace, update, canvasView, colours, spark, dur, int, short, stateTag, pageHead, table, segments, empty } from '../ui.js';
import { get } from '../api.js';
import { poll } from '../poll.js';
import { store, setParams } from '../store.js';

export function open(root, params) {
  const history = new Map(); // id → [{t, trend, passed}, …], from the answers seen on this page
  let what = params.get('kind') ?? 'all';
  let last = null;
  const off = [];
  const said = h('p', { class: 'small muted', role: 'status' });
  const out = h('div', {});
  const sparks = new Map();

  const kindOf = o => (o.kind === 'chan' || o.kind === 'select' ? 'chan' : /mutex|lock|monitor|semaphore/i.test(o.kind) ? 'lock' : 'other');
  const fill = o => (o.cap > 0
    ? h('span', { class: 'nowrap' }, h('span', { class: 'fill', 'aria-hidden': 'true' }, h('i', { class: o.len >= o.cap ? 'full' : '', style: { width: (100 * o.len) / o.cap + '%' } })), `${int(o.len)} of ${int(o.cap)}`)
    : o.cap === 0 ? 'unbuffered' : o.len >= 0 && o.kind !== 'chan' ? int(o.len) : '');
  const line = o => {
    let s = sparks.get(o.id);
    if (!s) {
      const canvas = h('canvas', { class: 'mini', 'aria-hidden': 'true' });
      s = canvasView(canvas, (ctx, w, ht) => spark(ctx, w, ht, (history.get(o.id) ?? []).map(x => x.trend), colours()[kindOf(o) === 'chan' ? 'wait' : 'ready'], o.cap > 0 ? o.cap : undefined));
      sparks.set(o.id, s);
    }
    s.ask();
    return s.canvas;
  };

  // values a second, over the last ten answers
  const rate = o => {
    const a = history.get(o.id);
    if (!(o.passed >= 0) || !a || a.length < 2) return null;
    const from = a[Math.max(0, a.length - 11)], to = a[a.length - 1];
    return to.t > from.t ? Math.max(0, ((to.passed - from.passed) * 1000) / (to.t - from.t)) : null;
  };
  const perSecond = o => {
    const r = rate(o);
    return r === null ? '' : r > 0 && r < 10 ? r.toFixed(1) : short(Math.round(r));
  };

  const t = table('Objects that goroutines wait on', [
    { key: 'label', title: 'What', cell: o => h('button', { type: 'button', class: 'ghost', onclick: () => choose(o) }, o.label) },
    { key: 'len', title: 'Holds', value: o => (o.cap > 0 ? o.len / o.cap : -1), cell: fill },
    { key: 'waiting', title: 'Wait', num: true, cell: o => int(o.waiting) },
    { key: 'trend', title: 'Fill or waiting, last minute', sortable: false, cell: line },
    { key: 'rate', title: 'Values/s', num: true, value: o => rate(o) ?? -1, cell: o => h('span', { title: o.passed >= 0 ? `${int(o.passed)} values since it was made` : '' }, perSecond(o)) },
    { key: 'senders', title: 'To send', num: true, cell: o => (o.senders ? int(o.senders) : '') },
    { key: 'receivers', title: 'To receive', num: true, cell: o => (o.receivers ? int(o.receivers) : '') },
    { key: 'oldestNs', title: 'Longest', num: true, cell: o => (o.oldestNs ? dur(o.oldestNs) : '–') },
    { key: 'owner', title: 'Held by', cell: o => (o.owner ? h('a', { href: '#/goroutine?id=' + o.owner, class: 'mono' }, 'g' + o.owner) : '') },
    { key: 'note', title: 'Means', sortable: false, cell: o => meaning(o) },
  ], { sort: 'waiting', onrow: choose, selected: o => store.sel === 'o' + o.id });

  function meaning(o) {
    if (o.closed) return stateTag('dead', 'closed');
    if (o.kind === 'chan' && o.cap > 0 && o.len >= o.cap && o.senders) return stateTag('runnable', 'full: receivers too slow');
    if (o.kind === 'chan' && o.senders) return stateTag('runnable', 'nobody receives');
    if (o.kind === 'chan' && o.receivers) return stateTag('waiting', 'empty: waiting for work');
    if (o.owner) return stateTag('stalled', 'contended');
    return '';
  }
  function choose(o) {
    store.select('o' + o.id);
    setParams({ sel: o.id });
    draw();
  }

  replace(root, pageHead('Channels and locks', 'What goroutines wait on at this moment. A channel that nobody waits on costs nothing and is not listed.'),
    h('div', { class: 'row' }, segments('Kind', [['all', 'All'], ['chan', 'Channels'], ['lock', 'Locks'], ['other', 'Others']], what, v => { what = v; setParams({ kind: v === 'all' ? null : v }); draw(); request.now(); }), said), out);

  function draw() {
    if (!last) return;
    const rows = last.objects.filter(o => what === 'all' || kindOf(o) === what);
    update(said, `${int(rows.length)} shown of ${int(last.total ?? last.objects.length)} that somebody waits on`);
    const e = rows.length ? t : empty('Nobody waits on ' + (what === 'all' ? 'anything' : what === 'chan' ? 'a channel' : what === 'lock' ? 'a lock' : 'anything else'), 'That is good news, or an idle program. When a goroutine blocks in recv, send, lock or await, the object it waits on appears here with all its waiters.');
    if (out.firstChild !== e) replace(out, e);
    t.set(rows);
  }

  async function load(signal) {
    try {
      // of one kind there may be few behind many of another
      const answer = await get('chans', { at: store.atParam, limit: what === 'all' ? 500 : 5000 }, { signal });
      if (signal.aborted) return;
      last = answer;
      if (store.live) {
        const now = performance.now();
        const seen = new Set();
        for (const o of answer.objects) {
          const a = history.get(o.id) ?? [];
          a.push({ t: now, trend: o.cap > 0 ? o.len : o.waiting, passed: o.passed });
          if (a.length > 60) a.shift();
          history.set(o.id, a);
          seen.add(o.id);
        }
        for (const k of history.keys()) if (!seen.has(k)) { history.delete(k); sparks.get(k)?.close(); sparks.delete(k); }
      }
      draw();
    } catch (e) {
      if (!signal.aborted) replace(out, h('p', { class: 'note bad', text: e.message }));
    }
  }

  const request = poll(1000, load);
  off.push(store.on('time', request.soon), store.on('theme', () => sparks.forEach(s => s.ask())));
  const selected = p => { const s = p.get('sel'); return s && (/^[gop]/.test(s) ? s : 'o' + s); };
  if (selected(params)) store.select(selected(params));
  request.now();
  return {
    params(p) {
      const s = selected(p);
      if (s?.startsWith('o') && store.sel !== s) store.select(s);
      return true;
    },
    close() {
      request.close();
      off.forEach(f => f());
      sparks.forEach(s => s.close());
    },
  };
}
