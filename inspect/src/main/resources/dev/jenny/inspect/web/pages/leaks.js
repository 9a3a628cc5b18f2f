// Leaks: proven by the garbage collector, and suspected by their growth, kept apart.

import { h, replace, canvasView, colours, spark, pageHead, empty, dur, int, spawnSite, stateTag, copy, NO_SITE, querySite } from '../ui.js';
import { get } from '../api.js';
import { store } from '../store.js';

export function open(root) {
  const off = [];
  const views = [];
  const missed = h('div', {}), proven = h('div', {}), suspected = h('div', {});
  const said = h('span', { class: 'small muted', role: 'status' });
  const button = h('button', { type: 'button', class: 'primary', onclick: check }, 'Search for leaks now');
  replace(root, pageHead('Leaks', 'A goroutine is leaked when it is blocked for ever: nothing that lives can reach what it waits on.'),
    h('div', { class: 'row' }, button, said), h('section', { class: 'stack' }, h('h2', { text: 'Proven' }), missed, proven), h('section', { class: 'stack' }, h('h2', { text: 'Suspected' }), suspected));

  async function check() {
    button.disabled = true;
    said.textContent = 'Records the blocked goroutines, lets go of them, and runs a garbage collection …';
    try {
      draw(await get('leaks', { check: 1 }));
    } catch (e) {
      said.textContent = e.message;
    }
    button.disabled = false;
  }

  function draw(d) {
    views.splice(0).forEach(v => v.close());
    said.textContent = d.checked ? `${int(d.looked ?? d.total)} parked goroutines were looked at${d.tookNs ? ' in ' + dur(d.tookNs) : ''}. Those that vanished were leaks: their memory is free again.` : '';
    button.hidden = d.supported === false;
    replace(missed, d.missed && h('p', { class: 'note warn', text: d.missed }));
    replace(proven, d.supported === false ? h('p', { class: 'note warn', text: (d.note || 'A proof needs -Djdk.trackAllThreads=false, as jenny run has it.') + ' Suspects are shown below.' })
      : d.proven?.length ? h('div', { class: 'stack' }, d.proven.map(l => h('article', { class: 'card stack' }, h('div', { class: 'row' }, h('strong', { class: 'num', style: { 'font-size': 'var(--t-xl)' }, text: int(l.count) }), stateTag('waiting', l.reason), l.kind && h('span', { class: 'tag plain', text: 'on a ' + l.kind }), h('span', { class: 'site', title: l.site, text: l.site ? 'spawned at ' + spawnSite(l.site) : NO_SITE }), l.oldestNs ? h('span', { class: 'small muted', text: 'waited for up to ' + dur(l.oldestNs) }) : null),
        l.stack?.length ? h('details', {}, h('summary', { text: 'Stack of one of them' }), h('pre', { class: 'code small', tabindex: '0', role: 'region', 'aria-label': 'Stack', text: l.stack.join('\n') })) : null,
        h('p', { class: 'small muted', text: advice(l.reason) }), h('div', { class: 'row' }, h('button', { type: 'button', onclick: e => copy(asText(l), e.currentTarget) }, 'Copy as text')))))
        : d.checked ? d.missed ? empty('No leaks found', 'Some may be there: see above.') : empty('No leaks', 'Every blocked goroutine can still be reached by something that lives.') : empty('Not searched yet', 'The search takes one garbage collection. It has no false positives: what the collector takes nobody could have woken.'));
    replace(suspected, d.suspected?.length ? h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Suspects' }, h('table', {}, h('thead', {}, h('tr', {}, ['Count', 'Growth', 'Waits for', 'Spawned at', 'Longest'].map((t, i) => h('th', { scope: 'col', class: i === 0 || i === 4 ? 'num' : '' }, t)))), h('tbody', {}, d.suspected.map(s => {
      const canvas = h('canvas', { class: 'mini', role: 'img', 'aria-label': `from ${s.growth?.[0] ?? '?'} to ${s.growth?.at(-1) ?? '?'}` });
      views.push(canvasView(canvas, (ctx, w, ht) => spark(ctx, w, ht, s.growth ?? [], colours().stall)));
      return h('tr', {}, h('td', { class: 'num', text: int(s.count) }), h('td', {}, canvas), h('td', {}, stateTag('waiting', s.reason || 'running')), h('td', { class: 'site' }, h('a', { href: '#/goroutines?q=' + encodeURIComponent(querySite(s)), title: s.site }, spawnSite(s.site))), h('td', { class: 'num', text: dur(s.oldestNs) }));
    })))) : empty('No suspects', 'A spawn site is suspected when its goroutines only grow in number while the dashboard is open.'));
  }

  // a redraw would fold what is unfolded, and take a control from under the finger
  const holdsControl = () => proven.contains(document.activeElement) || suspected.querySelector('a:focus') !== null;
  const load = () => get('leaks').then(draw, e => { said.textContent = e.message; });
  off.push(store.on('theme', () => views.forEach(v => v.ask())));
  load();
  const timer = setInterval(() => { if (!document.hidden && store.live && !button.disabled && !holdsControl()) load(); }, 5000);
  return {
    close() {
      clearInterval(timer);
      off.forEach(f => f());
      views.forEach(v => v.close());
    },
  };
}

const asText = l => `${l.count} leaked [${l.reason}] ${l.site ? 'spawned at ' + l.site : NO_SITE}\n${(l.stack ?? []).map(f => '    ' + f + '\n').join('')}\n${advice(l.reason)}\n`;

function advice(reason) {
  if (/receive/.test(reason)) return 'Somebody was to send, or to close the channel, and did not: on an early return, an exception, a timeout. Close it in a finally block, or receive in a select with the context’s done().';
  if (/send/.test(reason)) return 'Nobody receives any more, most often because the receiver took the first answer and went on. Give the channel room for every sender, or send in a select with the context’s done().';
  if (/select/.test(reason)) return 'None of the cases can come true again. Add a case for the context’s done().';
  if (/Mutex|Lock/.test(reason)) return 'The lock was never released. Unlock in a finally block.';
  if (/WaitGroup/.test(reason)) return 'A done() is missing, most often on an early return. WaitGroup.go(task) calls it for you.';
  return 'What it waits for can no longer happen.';
}
