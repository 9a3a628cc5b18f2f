// Channels, locks and whatever else goroutines wait on: how full, now and in the last minute, who waits, who holds.

import { h, replace, counting, canvasView, colours, spark, dur, int, short, stateTag, pageHead, table, segments, empty } from '../ui.js';
import { get } from '../api.js';
import { poll } from '../poll.js';
import { store, setParams } from '../store.js';

export function open(root, params) {
  let what = params.get('kind') ?? 'all';
  let last = null;
  const off = [];
  const said = counting();
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
      s = canvasView(canvas, (ctx, w, ht) => spark(ctx, w, ht, s.values, colours()[kindOf(o) === 'chan' ? 'wait' : 'ready'], o.cap > 0 ? o.cap : undefined));
      sparks.set(o.id, s);
    }
    s.values = (o.cap > 0 ? o.trend?.len : o.trend?.waiting) ?? [];
    s.ask();
    return s.canvas;
  };

  const perSecond = r => (r === undefined ? '' : r > 0 && r < 10 ? r.toFixed(1) : short(Math.round(r)));
  const percent = x => (x > 0 && x < .01 ? '< 1' : Math.round(100 * x)) + ' %';
  const shares = o => [o.full > 0 && 'full ' + percent(o.full), o.empty > 0 && 'empty ' + percent(o.empty)].filter(Boolean).join(', ');

  const t = table('Objects that goroutines wait on', [
    { key: 'label', title: 'What', cell: o => h('button', { type: 'button', class: 'ghost', onclick: () => choose(o) }, o.label) },
    { key: 'len', title: 'Holds', value: o => (o.cap > 0 ? o.len / o.cap : -1), cell: fill },
    { key: 'waiting', title: 'Wait', num: true, cell: o => (o.waiting ? int(o.waiting) : '–') },
    { key: 'trend', title: 'Fill or waiting, last minute', sortable: false, cell: line },
    { key: 'full', title: 'Of the last minute', value: o => o.full ?? -1, cell: o => h('span', { class: 'nowrap', title: o.full === undefined ? '' : 'Share of the moments that were looked at' }, shares(o)) },
    { key: 'rate', title: 'Values/s', num: true, value: o => o.perS ?? -1, cell: o => h('span', { title: o.passed >= 0 ? `${int(o.passed)} values since it was made` : '' }, perSecond(o.perS)) },
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

  replace(root, pageHead('Channels and locks', 'What goroutines wait on at this moment, and the channels that they have waited on in the last minute.'),
    h('div', { class: 'row' }, segments('Kind', [['all', 'All'], ['chan', 'Channels'], ['lock', 'Locks'], ['other', 'Others']], what, v => { what = v; setParams({ kind: v === 'all' ? null : v }); draw(); request.now(); }), said), out);

  function draw() {
    if (!last) return;
    const rows = last.objects.filter(o => what === 'all' || kindOf(o) === what);
    said.tell(what + store.live, `${int(rows.length)} shown of ${int(last.total)}${last.complete ? ', with all channels of the program' : ''}`);
    const e = rows.length ? t : empty('Nobody waits on ' + (what === 'all' ? 'anything' : what === 'chan' ? 'a channel' : what === 'lock' ? 'a lock' : 'anything else'), 'That is good news, or an idle program. When a goroutine blocks in recv, send, lock or await, the object it waits on appears here with all its waiters. Channels that nobody ever waits on appear under -Djenny.channels=all.');
    if (out.firstChild !== e) replace(out, e);
    t.set(rows);
  }

  async function load(signal) {
    try {
      // of one kind there may be few behind many of another
      const answer = await get('chans', { all: 1, at: store.atParam, limit: what === 'all' ? 500 : 5000 }, { signal });
      if (signal.aborted) return;
      last = answer;
      const listed = new Set(answer.objects.map(o => o.id));
      for (const [k, s] of sparks) if (!listed.has(k)) { s.close(); sparks.delete(k); }
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
