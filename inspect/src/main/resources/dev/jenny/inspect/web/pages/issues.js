// Findings, the worst first, each with its cause and what to do.

import { h, replace, update, pageHead, empty, dur, int, gLink, copy } from '../ui.js';
import { get } from '../api.js';
import { store, setParams } from '../store.js';

const WORD = { high: 'Bad', medium: 'Slow', low: 'Note' };
const SIGN = { high: '!!', medium: '!', low: 'i' };

export function open(root, params) {
  let id = params.get('id');
  let data = store.issues;
  let muted = new Set();
  try { muted = new Set(JSON.parse(sessionStorage.getItem('jenny.muted') ?? '[]')); } catch { /* none muted */ }
  const off = [];
  const list = h('ol', { 'aria-label': 'Findings, the worst first' });
  const detail = h('div', { class: 'card issue-body' });
  const said = h('p', { class: 'sr', role: 'status' });
  const grid = h('div', { class: 'issues' }, list, detail);
  const none = h('div', {});
  replace(root, pageHead('Issues', 'What is most likely not meant to be, the worst first. n and p go through them.'), said, none, grid);

  function draw() {
    if (!data) return;
    const all = data.issues;
    // the server tells when a finding was first seen, on a clock of its own
    if (data.now) for (const x of all) { x.forNs = data.now - x.sinceNs; x.agoNs = data.now - x.lastNs; }
    else for (const x of all) x.forNs = x.sinceNs;
    const shown = all.filter(x => !muted.has(x.id));
    grid.hidden = shown.length === 0;
    if (!shown.length) {
      update(none, empty(all.length ? 'All findings are muted' : 'Nothing found', 'Watched for: goroutines that hold a processor too long or are pinned to it, spawn sites that only grow, full channels with slow receivers, timers that nobody awaits, loops that yield without end, lock cycles, and leaks.'), muted.size > 0 && h('p', {}, unmute()));
      return;
    }
    replace(none);
    const cur = shown.find(x => x.id === id) ?? shown[0];
    if (detail.dataset.id !== cur.id) {
      detail.dataset.id = cur.id;
      said.textContent = cur.title;
    }
    update(list, shown.map(x => entry(x, x === cur)));
    update(detail, h('div', { class: 'row' }, h('span', { class: 'sev ' + cur.severity, 'aria-hidden': 'true' }, SIGN[cur.severity]), h('h2', { class: 'grow', text: cur.title })),
      h('section', {}, h('h3', { text: 'What happens' }), h('p', { text: cur.cause })), h('section', {}, h('h3', { text: 'What to do' }), h('p', { text: cur.fix })),
      cur.evidence?.length ? h('section', {}, h('h3', { text: 'Evidence' }), h('ul', { class: 'small' }, cur.evidence.map(e => h('li', {}, e.link ? h('a', { href: e.link, text: e.text }) : e.text)))) : null,
      cur.goroutines?.length ? h('section', {}, h('h3', { text: 'Goroutines' }), h('div', { class: 'row' }, cur.goroutines.slice(0, 24).map(g => gLink(g)))) : null,
      h('div', { class: 'row' }, h('button', { type: 'button', onclick: () => { muted.add(cur.id); keep(); draw(); } }, 'Mute'), h('button', { type: 'button', onclick: e => copy(`${cur.title}\n\n${cur.cause}\n\n${cur.fix}\n\n${location.href}`, e.currentTarget) }, 'Copy as text'), h('span', { class: 'small muted', text: [cur.count > 1 && `seen ${int(cur.count)} times`, cur.agoNs >= 3e9 && `last seen ${dur(cur.agoNs)} ago`, cur.resolved && 'resolved'].filter(Boolean).join(', ') })),
      all.length > shown.length && h('div', { class: 'row' }, h('span', { class: 'small muted', text: `${int(all.length - shown.length)} muted` }), unmute()));
  }
  function entry(x, chosen) {
    const e = h('li', {}, h('button', { type: 'button', 'aria-pressed': String(chosen), onclick: () => choose(x.id) }, h('span', { class: 'sev ' + x.severity, title: WORD[x.severity] }, SIGN[x.severity]), h('span', { text: x.title }), h('small', { text: `${x.rule}${x.resolved ? ', resolved' : x.forNs > 0 ? ', for ' + dur(x.forNs) : ''}` })));
    e.key = x.id;
    return e;
  }
  const unmute = () => h('button', { type: 'button', onclick: () => { muted.clear(); keep(); draw(); } }, 'Show the muted ones');
  const keep = () => { try { sessionStorage.setItem('jenny.muted', JSON.stringify([...muted])); } catch { /* lasts until the page is left */ } };
  function choose(x) {
    id = x;
    setParams({ id });
    draw();
  }
  off.push(store.on('issues', () => { data = store.issues; draw(); }));
  get('issues').then(d => { data = d; draw(); }, e => replace(none, h('p', { class: 'note bad', text: e.message })));
  return {
    params(p) {
      if (p.get('id') !== id) { id = p.get('id'); draw(); }
      return true;
    },
    close: () => off.forEach(f => f()),
  };
}
