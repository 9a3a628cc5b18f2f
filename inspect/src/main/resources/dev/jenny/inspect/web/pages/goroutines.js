// Goroutines grouped or one by one, picked by a query, compared with an earlier snapshot, exported.

import { h, replace, dur, int, shortSite, spawnSite, gLink, stateTag, pageHead, segments, table, empty, download, copy, say, quoted, counting, NO_SITE } from '../ui.js';
import { get } from '../api.js';
import { poll } from '../poll.js';
import { store, setParams } from '../store.js';

/** How many groups are compared with a snapshot. */
const COMPARED = 1000;
const PARTLY_KEPT = 'Of the past, the biggest groups of all goroutines are kept: a moment of it can be compared without a query, if these were all.';
/** Whether nothing is missing in an answer of the past that is in one of now, to the same query. */
export const isComparable = d => d.at === null || (d.q === '' && d.omitted === 0);

const EXAMPLES = ['state:waiting', 'reason:"chan receive" age>10s', 'reason~Mutex', 'state:runnable', 'object:chan'];

/**
 * What has changed between two lists of groups, the most first: place by place where at both times all stacks of a group
 * are known, else by whole groups.
 */
export function compare(before, after) {
  const isExact = g => (g.places ?? []).reduce((n, p) => n + p.count, 0) === g.count;
  const whole = new Set([...before, ...after].filter(g => !isExact(g)).map(g => g.key));
  const rows = new Map();
  const count = (groups, when) => {
    for (const g of groups) {
      for (const p of whole.has(g.key) ? [g] : g.places) {
        const key = p === g ? g.key : [g.key, ...p.stack].join('\n');
        if (!rows.has(key)) rows.set(key, { ...g, key, waitSite: p.waitSite, stack: p.stack, was: 0, count: 0 });
        rows.get(key)[when] += p.count;
      }
    }
  };
  count(after, 'count');
  count(before, 'was');
  return [...rows.values()].map(r => ({ ...r, delta: r.count - r.was })).filter(r => r.delta !== 0).sort((a, b) => Math.abs(b.delta) - Math.abs(a.delta));
}

export function open(root, params) {
  let view = params.get('view') ?? 'groups';
  let base = null; // the snapshot to compare with: {q, groups, omitted}, the groups with all stacks if it is not of the past
  let last = null;
  let grown = null; // the tree
  let costs = null; // what the goroutines of each go statement cost
  const openGroups = new Set();
  const off = [];

  const input = h('input', { type: 'search', class: 'query', id: 'query', 'aria-label': 'Query', value: params.get('q') ?? '', placeholder: 'state:waiting reason:"chan receive" age>10s site~Worker label.svc=users', spellcheck: 'false', autocomplete: 'off' });
  const said = counting();
  const took = h('span', { class: 'small muted' });
  const wrong = h('pre', { class: 'note bad small', hidden: true });
  const out = h('div', {});
  const views = segments('View', [['groups', 'Grouped'], ['list', 'One by one'], ['tree', 'By creator'], ['sites', 'Busiest'], ['diff', 'Difference']], view, v => {
    view = v;
    setParams({ view: v === 'groups' ? null : v });
    if (v === 'diff' && !base) remember();
    request.now();
  });

  const groupTable = table('Goroutines by where they were spawned and why they wait', [
    { key: 'count', title: 'Count', num: true, cell: g => int(g.count) },
    { key: 'share', title: 'Share', value: g => g.count, cell: g => h('span', { class: 'bar', style: { width: `calc(${(90 * g.count) / Math.max(1, last?.groups[0]?.count ?? 1)} * var(--bar))` } }) },
    { key: 'state', title: 'State', cell: g => stateTag(g.state, g.reason || g.state) },
    { key: 'site', title: 'Spawned at', class: 'site', cell: g => h('span', { title: g.site }, spawnSite(g.site)) },
    { key: 'waitSite', title: 'Waits at', class: 'site', cell: g => places(g, openGroups.has(g.key)) },
    { key: 'oldestNs', title: 'Longest', num: true, cell: g => (g.oldestNs ? dur(g.oldestNs) : '–') },
    { key: 'ids', title: 'Some of them', sortable: false, cell: g => h('span', {}, (g.ids ?? []).slice(0, openGroups.has(g.key) ? 50 : 3).map(id => [gLink(id), ' '])) },
  ], { sort: 'count', onrow: g => { if (openGroups.has(g.key)) openGroups.delete(g.key); else openGroups.add(g.key); draw(); } });

  // Where they stand, with shares if that is not one place: of a big group they are those of a sample.
  function places(g, all) {
    const known = g.places ?? [];
    if (known.length < 2) return h('span', { title: g.waitSite ?? '' }, g.waitSite ? shortSite(g.waitSite) : '');
    const shown = all ? known : known.slice(0, 2);
    return [shown.map(p => h('div', { title: p.waitSite ?? '' }, (p.waitSite ? shortSite(p.waitSite) : 'not begun') + ' ', h('span', { class: 'muted num', text: g.read === g.count ? '×' + int(p.count) : 'about ' + Math.round((100 * p.count) / g.read) + ' %' }))),
      known.length > shown.length && h('div', { class: 'small muted', text: `and ${known.length - shown.length} more places` })];
  }

  const list = table('Goroutines', [
    { key: 'id', title: 'Id', num: true, cell: g => gLink(g.id) },
    { key: 'state', title: 'State', cell: g => stateTag(g.state, g.reason || g.state) },
    { key: 'waitNs', title: 'For', num: true, cell: g => (g.waitNs ? dur(g.waitNs) : '–') },
    { key: 'on', title: 'Waits for', value: g => g.on?.label ?? '', cell: g => (g.on ? h('a', { href: '#/channels?sel=' + g.on.id, text: g.on.label }) : '') },
    { key: 'site', title: 'Spawned at', class: 'site', cell: g => h('span', { title: g.site }, spawnSite(g.site)) },
    { key: 'parent', title: 'By', num: true, cell: g => (g.parent ? gLink(g.parent) : '–') },
    { key: 'labels', title: 'Labels', sortable: false, cell: g => Object.entries(g.labels ?? {}).map(([k, v]) => h('button', { type: 'button', class: 'ghost small', title: 'Add to the query', onclick: () => { input.value = (input.value + ` label.${k}=${quoted(v)}`).trim(); ask(); } }, `${k}=${v}`)) },
  ], { sort: 'waitNs', onrow: g => { store.select('g' + g.id); setParams({ sel: 'g' + g.id }); } });

  const diffTable = table('Groups that changed since the snapshot', [
    { key: 'delta', title: 'Change', num: true, cell: g => (g.delta > 0 ? '+' : '−') + int(Math.abs(g.delta)) },
    { key: 'was', title: 'Was', num: true, cell: g => int(g.was) },
    { key: 'count', title: 'Is', num: true, cell: g => int(g.count) },
    { key: 'state', title: 'State', cell: g => stateTag(g.state, g.reason || g.state) },
    { key: 'site', title: 'Spawned at', class: 'site', cell: g => h('span', { title: g.site }, spawnSite(g.site)) },
    { key: 'waitSite', title: 'Waits at', class: 'site', cell: g => h('span', { title: (g.stack ?? []).join('\n') }, g.waitSite ? shortSite(g.waitSite) : '') },
  ], { sort: 'abs' });

  const siteTable = table('Go statements by what their goroutines cost in the last ten seconds', [
    { key: 'site', title: 'Go statement', class: 'site', cell: s => h('span', { title: s.site }, spawnSite(s.site)) },
    { key: 'cores', title: 'Cores', num: true, cell: s => s.cores.toFixed(2) },
    { key: 'startedPerS', title: 'Started a second', num: true, cell: s => int(Math.round(s.startedPerS)) },
    { key: 'started', title: 'Started in all', num: true, cell: s => 'about ' + int(s.started) },
  ], { sort: 'cores' });

  const tree = h('section', { class: 'card' });
  const closed = new Set(); // paths of nodes that the reader has closed
  function branch(n, path) {
    const key = path + '/' + n.site;
    const name = n.ended ? 'created by goroutines that have ended' : n.ids.includes(1) ? 'main' : n.site ? shortSite(n.site) : 'started by a library';
    const below = (n.children.length > 0 || n.omitted > 0) && h('ul', { hidden: closed.has(key) }, n.children.map(c => branch(c, key)), n.omitted > 0 && h('li', { class: 'small muted', text: `… ${int(n.omitted)} more` }));
    const fold = below && h('button', { type: 'button', class: 'ghost icon', 'aria-expanded': String(!below.hidden), 'aria-label': 'What ' + name + ' created', onclick: () => {
      below.hidden = !below.hidden;
      if (below.hidden) closed.add(key); else closed.delete(key);
      fold.setAttribute('aria-expanded', String(!below.hidden));
    } });
    return h('li', {}, h('div', { class: 'row' }, fold, n.count > 1 && h('b', { class: 'num', text: '×' + int(n.count) }),
      n.states.map(s => stateTag(['running', 'runnable'].includes(s.state) ? s.state : 'waiting', n.states.length > 1 ? `${int(s.count)} ${s.state}` : s.state)),
      h('span', { class: n.ended ? 'muted' : 'site', title: n.site ?? '', text: name }),
      h('span', { class: 'small' }, n.ids.slice(0, 5).map(id => [gLink(id), ' ']), n.count > 5 && '…')), below);
  }

  /** Whether a snapshot has been taken. */
  async function remember() {
    const q = input.value.trim(), at = store.atParam;
    try {
      const d = { ...await get('goroutines', { q, limit: COMPARED, group: 1, stacks: 1, at }), q, at };
      if (!isComparable(d)) throw new Error(PARTLY_KEPT);
      base = d;
      draw();
      return true;
    } catch (e) {
      wrong.hidden = false;
      wrong.textContent = e.message;
      return false;
    }
  }
  async function takeSnapshot({ currentTarget: button }) {
    if (await remember()) say(button, 'Snapshot taken');
  }

  const exportMenu = h('span', { class: 'row' }, h('span', { class: 'small muted', text: 'Export' }),
    h('button', { type: 'button', onclick: () => last && download('goroutines.json', 'application/json', JSON.stringify(last, null, 1)) }, 'JSON'),
    h('button', { type: 'button', onclick: () => last && download('goroutines.txt', 'text/plain', text()) }, 'Text'),
    h('button', { type: 'button', title: 'The command for the whole profile', onclick: e => copy(`go tool pprof '${location.origin}/debug/pprof/goroutine${location.search}'`, e.currentTarget) }, 'Copy pprof command'));
  const frames = stack => (stack ?? []).map(f => '    ' + f).join('\n');
  const stacks = g => (g.places?.length > 1 ? g.places.map(p => `  ${p.count} of ${g.read} at:\n${frames(p.stack)}`).join('\n') : frames(g.stack));
  const text = () => last.groups.map(g => `${g.count} [${g.reason || g.state}] ${g.site ?? NO_SITE}\n${stacks(g)}`).join('\n\n') + '\n';

  replace(root, pageHead('Goroutines', 'Who lives, who waits for what, and since when. Goroutines that are alike are shown as one line.'),
    h('form', { class: 'stack', role: 'search', onsubmit: e => { e.preventDefault(); ask(); } }, input,
      h('div', { class: 'row small' }, h('span', { class: 'muted', text: 'For example' }), EXAMPLES.map(x => h('button', { type: 'button', class: 'chip mono', onclick: () => { input.value = x; ask(); } }, x)))),
    wrong, h('div', { class: 'row' }, views, h('button', { type: 'button', onclick: takeSnapshot }, 'Take snapshot'), h('span', { class: 'grow' }), took, exportMenu), said, out);

  function ask() {
    setParams({ q: input.value.trim() });
    request.now();
  }
  let typing = 0;
  input.addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(ask, 350); });

  async function load(signal) {
    const q = input.value.trim(), at = store.atParam;
    try {
      costs = view === 'sites' && store.live ? await get('sites', {}, { signal }) : null;
      const [answer, ancestry] = await Promise.all([get('goroutines', { q, limit: view === 'diff' ? COMPARED : 200, group: view === 'list' ? null : 1, places: view === 'groups' ? 1 : null, stacks: view === 'diff' ? 1 : null, at }, { signal }), view === 'tree' && store.live ? get('tree', { q, limit: 300 }, { signal }) : null]);
      if (signal.aborted) return;
      last = { ...answer, q, at };
      grown = ancestry;
      wrong.hidden = true;
      draw();
    } catch (e) {
      if (signal.aborted) return;
      wrong.hidden = false;
      wrong.textContent = e.message;
    }
  }

  function summary() {
    const sentences = [`${int(last.matched ?? last.total)} of ${int(last.total)} goroutines${last.omitted ? `, ${int(last.omitted)} more groups not shown` : ''}${store.live ? '' : ', at the moment shown'}`];
    if (!store.live && (view === 'list' || view === 'tree' || input.value.trim() !== '')) sentences.push('Of the past, groups are kept, not single goroutines, and all of them: the query is not applied');
    if (view === 'diff' && base?.q === last.q && isComparable(last) && (base.omitted || last.omitted)) sentences.push(`Compared are the biggest groups only, up to ${int(COMPARED)} of each moment: one that was not among them counts as 0`);
    if (view === 'list' && store.live && last.goroutines?.length < last.matched) sentences.push(`Listed are the ${int(last.goroutines.length)} that have waited longest`);
    return sentences.join('. ');
  }

  function draw() {
    const kind = [view, last?.q, store.live].join();
    if (view === 'tree' && store.live) {
      if (!grown) return;
      said.tell(kind, `${int(grown.matched)} of ${int(grown.total)} goroutines${grown.omitted ? `, ${int(grown.omitted)} not shown: pick with a query` : ''}. Each stands below the one that created it; those with the same go statements all the way up are one line.`);
      took.textContent = `Taken in ${dur(grown.tookNs)}`;
      replace(tree, h('ul', { class: 'tree' }, grown.roots.map(n => branch(n, ''))));
      show(grown.roots.length ? tree : nobody());
      return;
    }
    if (view === 'sites') {
      took.textContent = '';
      said.tell(kind, costs ? 'Samples of the last ten seconds. Goroutines that live for a moment only are in no other list.' : 'What goroutines cost is known of now only.');
      show(costs?.sites.length ? siteTable : empty('Nothing runs', 'In the last ten seconds no goroutine of a go statement was seen running, and hardly any was started.'));
      siteTable.set(costs?.sites ?? []);
      return;
    }
    if (!last) return;
    said.tell(kind, summary());
    took.textContent = `Taken in ${dur(last.tookNs ?? (last.tookMs ?? 0) * 1e6)}`;
    if (view === 'diff') {
      if (!base || base.q !== last.q) {
        show(empty(base ? 'The snapshot is of another query' : 'No snapshot yet', 'Take a snapshot first; then this page shows which groups grow and which shrink, place by place.'));
        return;
      }
      if (!isComparable(last)) {
        show(empty('Too little is kept of this moment', PARTLY_KEPT));
        return;
      }
      const rows = compare(base.groups, last.groups);
      show(rows.length ? diffTable : empty('No difference', 'Every group is as big as in the snapshot. Let the program work, and look again; a group that only grows is how a leak looks.'));
      diffTable.set(rows);
    } else if (view === 'list' && store.live) {
      show(last.goroutines?.length ? list : nobody());
      list.set(last.goroutines ?? []);
    } else {
      show(last.groups.length ? groupTable : nobody());
      groupTable.set(last.groups);
    }
  }

  const show = e => { if (out.firstChild !== e) replace(out, e); };
  const nobody = () => (input.value.trim() ? empty('Nothing matches', 'Terms side by side must all hold. Fields: state, reason, age, site, object, id, parent, name, label.NAME, stack; operators : != ~ !~ < >; and, or, not, parentheses.')
    : empty('No goroutine lives', 'They appear as soon as the program starts one:', 'import static dev.jenny.Go.go;\n\ngo(() -> work());'));

  const request = poll(2000, load, () => view !== 'tree' || !out.contains(document.activeElement));
  off.push(store.on('time', request.soon));
  if (params.get('sel')) store.select(params.get('sel'));
  request.now();
  return {
    params(p) {
      const q = p.get('q') ?? '';
      const v = p.get('view') ?? 'groups';
      if (q === input.value.trim() && v === view) return true;
      input.value = q;
      view = v;
      views.set(v);
      request.now();
      return true;
    },
    close() {
      request.close();
      off.forEach(f => f());
    },
  };
}
