// The frame around the pages: navigation, keys, search, theme, and the time machine.

import { h, replace, icon, int, short, forgetColours, noTip, NO_SITE, querySite, announce } from './ui.js';
import { get } from './api.js';
import { store, connect, readHash, setParams, go } from './store.js';
import { timeBar } from './timebar.js';
import { drawSide } from './side.js';

const PAGES = [
  ['Now'],
  ['scheduler', 'Scheduler', 'M2 5h16M2 10h16M2 15h16M6 3v4M12 8v4M9 13v4'],
  ['goroutines', 'Goroutines', 'M4 4h12M4 8h12M4 12h8M4 16h5'],
  ['channels', 'Channels and locks', 'M2 7h12l-3-3M18 13H6l3 3'],
  ['graph', 'Wait graph', 'M5 5.5a2 2 0 1 0 0-.1M15 8.5a2 2 0 1 0 0-.1M7 15.5a2 2 0 1 0 0-.1M5 7l2 7M7 6l6 2M9 15l5-5'],
  ['Find'],
  ['issues', 'Issues', 'M10 2.5l8 14.500H2zM10 8v4M10 14.500v.2'],
  ['leaks', 'Leaks', 'M10 2.500c3 4 5 6.500 5 9.500a5 5 0 0 1-10 0c0-3 2-5.500 5-9.500z'],
  ['flame', 'Flame graphs', 'M2 4h16M2 8h11M2 12h7M2 16h4M15 8h3M11 12h4'],
  ['trace', 'Trace', 'M2 5h5M9 5h3M4 10h9M15 10h3M2 15h3M7 15h9'],
  ['metrics', 'Metrics', 'M3 17V9M8 17V4M13 17v-6M18 17V7'],
  ['Understand'],
  ['learn', 'What happens when you say go', 'M2 6l8-3 8 3-8 3zM5 8v5c3 2.500 7 2.500 10 0V8'],
];
const TITLES = Object.fromEntries(PAGES.filter(p => p.length > 1).map(p => [p[0], p[1]]));
TITLES.goroutine = 'Goroutine';

const main = document.getElementById('main');
let page = null;
let pageName = '';
let opening = 0;

async function show() {
  for (const d of document.querySelectorAll('dialog[open]')) d.close();
  const { page: name, params } = readHash();
  const at = parseFloat(params.get('at'));
  if (!Number.isFinite(at)) {
    if (params.has('at') || store.at !== null) setParams({ at: store.atParam }); // of a link within a page
  } else if (store.at !== at) {
    store.at = at;
    store.say('time');
  }
  if (page && name === pageName && page.params?.(params) !== false) return;
  const turn = ++opening;
  page?.close?.();
  page = null;
  noTip();
  pageName = name;
  if (!(name in TITLES)) {
    replace(main, h('h1', { text: 'No such page' }), h('p', {}, h('a', { href: '#/scheduler', text: 'To the scheduler' })));
    return;
  }
  document.title = TITLES[name] + ' · Jenny';
  for (const a of document.querySelectorAll('.rail a')) {
    if (a.dataset.page === name || (name === 'goroutine' && a.dataset.page === 'goroutines')) {
      a.setAttribute('aria-current', 'page');
      if (a.parentElement.parentElement.scrollWidth > innerWidth) a.scrollIntoView({ block: 'nearest', inline: 'center' });
    } else a.removeAttribute('aria-current');
  }
  let module;
  try {
    module = await import(`./pages/${name}.js`);
  } catch {
    if (turn === opening) {
      pageName = ''; // it may be there the next time
      replace(main, h('h1', { text: TITLES[name] }), h('p', { class: 'note bad', text: 'The program does not answer. Has it ended?' }));
    }
    return;
  }
  if (turn !== opening) return;
  const root = h('div', { class: 'stack page-' + name });
  replace(main, root);
  scrollTo(0, 0);
  page = module.open(root, params) ?? {};
}

function drawNav() {
  replace(document.getElementById('nav'), h('ul', {}, PAGES.map(p => p.length === 1
    ? h('li', { class: 'group', 'aria-hidden': 'true', text: p[0] })
    : h('li', {}, h('a', { href: '#/' + p[0], 'data-page': p[0], onclick: e => { if (store.at !== null && !opensElsewhere(e)) { e.preventDefault(); go(p[0]); } } }, icon(p[2]), h('span', { text: p[1] }), p[0] === 'issues' && h('span', { class: 'count', id: 'issue-count', hidden: true }))))));
}

const opensElsewhere = e => e.ctrlKey || e.metaKey || e.shiftKey || e.altKey;

function drawProgram() {
  const p = store.program;
  if (!p) return;
  replace(document.getElementById('program'), h('strong', { text: p.main || 'program' }), ' pid ' + p.pid, p.mode === 'fallback' && h('span', { class: 'tag stall', title: 'Goroutines run on the JDK\'s scheduler: there are no Ps to show' }, 'fallback mode'), p.jdk && ` on ${p.jdk}`);
}

function linkText() {
  if (store.link !== 'lost') return 'Connecting';
  return store.error?.status === 401 || store.error?.status === 403 ? store.error.message : 'No connection; trying again';
}

let healthTold = [];
function drawHealth() {
  const box = document.getElementById('health');
  const d = store.drops;
  const dropped = (d.events ?? 0) + (d.samples ?? 0) + store.missed;
  const s = store.newest;
  const key = [store.link, dropped, store.error?.message, s?.rec, s?.pace].join();
  if (box.dataset.key === key) return;
  box.dataset.key = key;
  const tags = [
    dropped > 0 && ['Some samples or events were dropped', h('span', { class: 'tag stall', title: `Under load the tools drop rather than slow the program. Since the start: ${int(d.events)} events of threads without a P, ${int(d.samples)} samples that the machine had no time for, ${int(store.missed)} that this page was too slow to read. What is shown is true, but not all.` }, short(dropped) + ' dropped')],
    s?.rec === 'busy' && ['Steps on request', h('span', { class: 'tag ready', title: 'So many goroutine switches a second that recording each would slow the program. Lanes and figures are sampled as always; steps are recorded when you open Trace, slow motion, or a goroutine’s history.' }, 'Steps on request')],
    s?.pace > 0 && ['Samples come in bundles', h('span', { class: 'tag plain', title: `Dashboards are open in ${int(s.clients)} browsers: each gets its samples in bundles, so that writing to them does not slow the program.` }, `Every ${s.pace} ms`)],
    store.link !== 'open' && [linkText(), h('span', { class: 'tag ' + (store.link === 'lost' ? 'stall' : 'ready') }, linkText())],
  ].filter(Boolean);
  replace(box, tags.map(([, tag]) => tag));
  const now = tags.map(([what]) => what);
  const news = now.filter(what => !healthTold.includes(what)); // not each figure
  healthTold = now;
  if (news.length) announce(news.join('. '));
}

function drawIssueCount() {
  const badge = document.getElementById('issue-count');
  const n = store.issues?.issues?.length ?? 0;
  badge.hidden = n === 0;
  badge.textContent = n;
  badge.setAttribute('aria-label', n + ' issues');
}

// ---- theme

const media = matchMedia('(prefers-color-scheme: dark)');
function applyTheme() {
  let t = null;
  try { t = localStorage.getItem('jenny.theme'); } catch { /* private window: the system decides */ }
  document.documentElement.dataset.theme = t ?? (media.matches ? 'dark' : 'light');
  forgetColours();
  store.say('theme');
}
function toggleTheme() {
  const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  try { localStorage.setItem('jenny.theme', next); } catch { /* lasts until the page is closed */ }
  document.documentElement.dataset.theme = next;
  forgetColours();
  store.say('theme');
}

// ---- dialogs

function dialog(label, ...content) {
  const d = h('dialog', { 'aria-label': label }, h('button', { type: 'button', class: 'ghost icon close', 'aria-label': 'Close', onclick: () => d.close() }, '✕'), content);
  d.addEventListener('close', () => d.remove());
  // In a search field, Escape would only empty it.
  d.addEventListener('keydown', e => { if (e.key === 'Escape') { e.preventDefault(); d.close(); } });
  d.addEventListener('click', e => { if (e.target === d) d.close(); });
  document.body.append(d);
  d.showModal();
  return d;
}

const keys = rows => h('dl', { class: 'keys' }, rows.map(([k, text]) => [h('dt', {}, k.split(' ').map((x, i) => [i > 0 && ' ', h('kbd', { text: x })])), h('dd', { text })]));

function help() {
  dialog('Help and keys', h('h2', { text: 'Keys' }),
    h('h3', { text: 'Everywhere' }),
    keys([['/', 'search goroutines, channels, sites, pages'], ['Space', 'pause and go on'], [', .', 'one sample back, one forward (pauses)'], ['g', 'go to a time: 12:30:05, -10s, +500ms'], ['n p', 'next and previous issue'], ['1 … 9, 0', 'the pages in their order'], ['t', 'dark or light'], ['Esc', 'close what is open, give up the selection'], ['?', 'this help']]),
    h('h3', { text: 'Timelines, flame graphs, wait graph' }),
    keys([['W S', 'zoom in and out'], ['A D', 'move left and right (also ← →)'], ['↑ ↓', 'choose the lane above or below'], ['f', 'fit everything, or the selection'], ['z', 'undo the last zoom'], ['j k', 'in a trace: the next and the previous find'], ['Enter', 'open what is selected']]),
    h('h3', { text: 'Words' }),
    h('dl', { class: 'facts' }, [
      ['G', 'a goroutine'], ['M', 'an OS thread that carries goroutines'], ['P', 'the right to run goroutines, with a local queue; there are GOMAXPROCS of them'],
      ['runnable', 'could run, but stands in a queue: waits for a P'], ['waiting', 'parked: at a channel, a lock, a timer, I/O'],
      ['steal', 'a P without work takes half of another\'s queue'], ['hand-off', 'a goroutine that is woken runs next on the same P, in the slot before its queue and in the same time slice'],
      ['spinning', 'an M without work that still looks for some'], ['stalled', 'one goroutine has held its M for 10 ms; another P has been brought in'],
    ].map(([k, v]) => [h('dt', { text: k }), h('dd', { text: v })])),
    h('p', { class: 'small muted' }, 'The dashboard only reads: no request changes what the program does.'));
}

let searchTimer = 0;
function search() {
  const list = h('ul', { class: 'results' });
  const input = h('input', { type: 'search', class: 'query', 'aria-label': 'Search', placeholder: 'g17, a site, a reason, a channel, a page', autocomplete: 'off', spellcheck: 'false' });
  const d = dialog('Search', h('h2', { text: 'Search' }), h('div', { class: 'row', style: { margin: '10px 0' } }, input), list);
  const close = () => d.close();
  const item = (href, kind, text) => h('li', {}, h('a', { href, onclick: close }, h('span', { class: 'tag plain', text: kind }), h('span', { class: 'grow', text })));
  const found = async () => {
    const q = input.value.trim();
    const items = PAGES.filter(p => p.length > 1 && p[1].toLowerCase().includes(q.toLowerCase())).map(p => item('#/' + p[0], 'page', p[1]));
    const id = /^g?#?(\d+)$/.exec(q);
    if (id) items.unshift(item('#/goroutine?id=' + id[1], 'goroutine', 'goroutine ' + id[1]));
    replace(list, items.slice(0, 10));
    if (q.length < 2) return;
    items.push(item('#/goroutines?q=' + encodeURIComponent(queryFor(q)), 'query', 'goroutines with ' + queryFor(q)));
    replace(list, items.slice(0, 12));
    const [gs, cs] = await Promise.allSettled([get('goroutines', { q: queryFor(q), group: 1, limit: 6 }), get('chans', { all: 1 })]);
    if (input.value.trim() !== q) return;
    if (gs.value) for (const g of gs.value.groups.slice(0, 6)) items.push(item('#/goroutines?q=' + encodeURIComponent(querySite(g)), `${int(g.count)} goroutines`, `${g.reason || g.state} · ${g.site ?? NO_SITE}`));
    if (cs.value) for (const c of cs.value.objects.filter(c => (c.label + c.kind + '#' + c.id).toLowerCase().includes(q.toLowerCase())).slice(0, 6)) items.push(item('#/channels?sel=' + c.id, c.kind, c.label));
    replace(list, items.slice(0, 18));
  };
  input.addEventListener('input', () => { clearTimeout(searchTimer); searchTimer = setTimeout(found, 120); });
  d.addEventListener('keydown', e => {
    const links = [...list.querySelectorAll('a')];
    const i = links.indexOf(document.activeElement);
    if (e.key === 'ArrowDown') { e.preventDefault(); links[Math.min(i + 1, links.length - 1)]?.focus(); }
    else if (e.key === 'ArrowUp') { e.preventDefault(); (i <= 0 ? input : links[i - 1]).focus(); }
    else if (e.key === 'Enter' && document.activeElement === input) {
      clearTimeout(searchTimer);
      found(); // what is there may be of the text before
      list.querySelector('a')?.click();
    }
  });
  input.focus();
  found();
}
const quote = s => (/[\s"]/.test(s) ? '"' + s.replaceAll('"', '') + '"' : s);
function queryFor(q) {
  return /[:~<>=]/.test(q) ? q : quote(q);
}

function gotoTime() {
  const input = h('input', { type: 'text', 'aria-label': 'Time', placeholder: '12:30:05, -10s, +500ms' });
  const said = h('p', { class: 'small muted', text: 'A time of day, or a distance from the moment shown.' });
  const d = dialog('Go to a time', h('h2', { text: 'Go to a time' }), h('form', { class: 'row', style: { margin: '10px 0' }, onsubmit: e => {
    e.preventDefault();
    const t = parseTime(input.value.trim());
    if (t === null) said.textContent = 'Not understood: write 12:30:05, -10s, +500ms or 90s.';
    else {
      d.close();
      if (page?.goto?.(t) !== true) { store.pause(t); setParams({ at: Math.round(store.at) }); }
    }
  } }, input, h('button', { class: 'primary' }, 'Go')), said);
  input.focus();
}
function parseTime(s) {
  let m = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/.exec(s);
  if (m) {
    const d = new Date(store.wall(store.time));
    d.setHours(+m[1], +m[2], 0, 0);
    return (d.getTime() + Number(m[3] ?? 0) * 1000 - store.program.started) * 1e6;
  }
  m = /^([+-]?)(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|min|m)?$/.exec(s);
  if (!m) return null;
  const ns = Number(m[2]) * { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, min: 60e9 }[m[3] ?? 's'];
  return m[1] ? (page?.moment?.() ?? store.time) + (m[1] === '-' ? -ns : ns) : (page?.beginning?.() ?? 0) + ns;
}

function issueStep(d) {
  const list = store.issues?.issues ?? [];
  if (!list.length) return;
  const cur = readHash();
  const i = cur.page === 'issues' ? list.findIndex(x => x.id === cur.params.get('id')) : -1;
  go('issues', { id: list[(i + d + list.length + (i < 0 && d < 0 ? 1 : 0)) % list.length].id });
}

function togglePause() {
  if (store.live) store.pause();
  else store.resume();
  setParams({ at: store.at === null ? null : Math.round(store.at) });
}

document.addEventListener('keydown', e => {
  if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector('dialog[open]')) return;
  const typing = e.target.closest?.('input, textarea, select');
  if (e.key === 'Escape') {
    if (typing) e.target.blur();
    else if (page?.key?.(e) !== true) { store.select(null); setParams({ sel: null }); }
    return;
  }
  if (typing) return;
  if (e.target.closest?.('button, a, summary, [role="tab"]') && (e.key === ' ' || e.key === 'Enter')) return;
  if (e.target.matches?.('.scroll, pre[tabindex]') && /^(Arrow|Page|Home|End)/.test(e.key)) return; // scrolls
  if (page?.key?.(e) === true) {
    e.preventDefault();
    return;
  }
  const pages = PAGES.filter(p => p.length > 1);
  const actions = {
    '/': search, '?': help, t: toggleTheme, g: gotoTime, ' ': togglePause, n: () => issueStep(1), p: () => issueStep(-1),
    ',': () => step(-1), '.': () => step(1),
  };
  const run = actions[e.key] ?? (/^[0-9]$/.test(e.key) ? () => { const p = pages[(Number(e.key) + 9) % 10]; if (p) go(p[0]); } : null);
  if (run) {
    e.preventDefault();
    run();
  }
});

function step(d) {
  const i = store.index(store.time) + d;
  const s = store.samples[Math.max(0, Math.min(store.samples.length - 1, i))];
  if (s) { store.pause(s.t); setParams({ at: Math.round(store.at) }); }
}

document.querySelector('.skip').addEventListener('click', e => {
  e.preventDefault(); // the address says which page it is
  main.focus();
});
document.getElementById('search').addEventListener('click', search);
document.getElementById('help').addEventListener('click', help);
document.getElementById('theme').addEventListener('click', toggleTheme);
media.addEventListener('change', applyTheme);
addEventListener('hashchange', show);
addEventListener('scroll', noTip, { passive: true });

applyTheme();
drawNav();
timeBar(document.getElementById('time'), togglePause);
drawSide(document.getElementById('side'));
store.on('program', drawProgram);
store.on('link', drawHealth);
store.on('sample', drawHealth);
store.on('issues', drawIssueCount);
drawHealth();
connect();
show();

