// The trace viewer: lanes of Ps and goroutines, an overview, ranked findings, and what is selected.

import { h, replace, update, canvasView, windowHeight, stateTag, colours, siteColour, dur, int, short, bytes, shortSite, pageHead, empty, tip, noTip, download, facts, fitText, LOST } from '../ui.js';
import { binary } from '../api.js';
import { store, setParams, readHash, positive } from '../store.js';
import { upper, upperG, busyUpTo, siteName, statesOf, stackOf, hasOwn, spanAt, upperNote, textOf, moreOf, spentUpTo, sentence, sitesUpTo, revive, NO_P, idOf } from '../trace-model.js';
import { drawProc, drawG, drawOwn, drawPauses, pausesIn, drawAxis, arrow } from '../lanes.js';
import { drawQueue, runnableAt, runnableIn, runnableTip } from '../queue-lane.js';
import { findBox, drawFinds, selectionOf } from '../trace-find.js';
import { flamePanel } from '../trace-panel.js';
import { STATES } from '../trace-flame.js';

const LANE = 26, LABEL = 64, AXIS = 26, QUEUE = 2 * LANE, TOP = AXIS + QUEUE;
const FOR_QUEUE = -1; // as the number of a lane: that above those of the Ps
const NEXT = 5; // so many seconds of what comes are recorded for another tool
const FILES = { go: 'jenny.trace', perfetto: 'jenny.pftrace', jfr: 'jenny.jfr' };

export function open(root, params) {
  let m = null;
  let win = null; // [a, b]
  const undo = [];
  let sel = null; // {k}, and of a find {event}, of a slice {lane, s}, of a wait {park}: the event with which it began,
  // of what the program tells {span} or {note}: a region, or the event of a message
  let shown = []; // goroutines with a lane of their own, as dense numbers
  let rows = []; // the lanes below those of Ps: {k}, and {k, own: true} for what goroutine k tells itself
  let lane = 0;
  let issue = -1;
  let issues = [];
  const off = [];
  const closing = new AbortController();
  const wanted = positive(params, 's', 5);

  const said = h('p', { class: 'small muted', role: 'status' });
  const seconds = h('select', { 'aria-label': 'How much to load' }, [...new Set([1, 5, 10, 30, wanted])].sort((x, y) => x - y).map(s => h('option', { value: String(s), selected: s === wanted }, `last ${s} s`)));
  const record = h('button', { type: 'button', class: 'primary', onclick: load }, 'Load what was recorded');
  const say = text => { said.textContent = text; };
  const finder = findBox({ model: () => m, at: () => ({ window: win, event: sel?.event }), show: showEvent, say, drawn: () => { view.ask(); map.ask(); }, text: params.get('find') ?? '' });
  const flame = flamePanel({ model: () => m, window: () => win, find: finder.of, say, state: STATES.some(s => s[0] === params.get('flame')) ? params.get('flame') : undefined });
  const file = h('input', { type: 'file', class: 'sr', accept: '.jtrc', 'aria-label': 'Open a saved trace', tabindex: '-1', onchange: async () => { const f = file.files[0]; if (f) take(await f.arrayBuffer(), f.name); } });
  const save = h('span', { class: 'row' }, h('button', { type: 'button', onclick: () => file.click() }, 'Open a file'), h('button', { type: 'button', disabled: true, onclick: () => m && download('trace.jtrc', 'application/octet-stream', m.t.buffer) }, 'Save'));
  const time = h('select', { 'aria-label': 'What a file for another tool has' }, h('option', { value: 'past' }, 'What is shown, to now'), h('option', { value: 'next' }, `The next ${NEXT} s`));
  const tools = h('span', { class: 'row', role: 'group', 'aria-label': 'Files for other tools' }, time, h('button', { type: 'button', title: 'A file for go tool trace, and for jenny trace analyze', onclick: e => exportAs(e.currentTarget, 'go') }, 'For go tool trace'),
    h('button', { type: 'button', title: 'A file for ui.perfetto.dev: Open trace file', onclick: e => exportAs(e.currentTarget, 'perfetto') }, 'For Perfetto'),
    h('button', { type: 'button', title: `What comes, in the format of the JDK's flight recorder: events of Jenny and of the JDK, for JDK Mission Control and jfr`, onclick: e => exportAs(e.currentTarget, 'jfr') }, 'For JDK Mission Control'));

  const canvas = h('canvas', { tabindex: '0', role: 'application', 'aria-label': 'Trace lanes. W and S zoom, A and D move, up and down choose a lane, f fits, z undoes, j and k lead to the next and previous find. The uppermost lane says how many goroutines are runnable.' });
  const lanesCount = () => (m ? m.procs + rows.length : 4);
  const view = canvasView(canvas, draw, { height: () => TOP + lanesCount() * LANE + 12 });
  const mini = h('canvas', { 'aria-hidden': 'true', style: { cursor: 'ew-resize' } });
  const map = canvasView(mini, drawMap, { height: 44 });
  const rail = h('ol', { class: 'issue-rail', 'aria-label': 'Findings, the worst first' });
  const detail = h('div', { class: 'stack' });
  const scope = h('tbody');
  const scopeTitle = h('h2', { text: 'In this window' });
  const scopeQueue = h('p', { class: 'small' }), scopePauses = h('p', { class: 'small' });
  const legend = h('div', { class: 'legend', 'aria-label': 'Legend' },
    stateTag('runnable'), h('span', { class: 'muted', text: 'above: how many goroutines are, in all queues together; pale: at most, for less than a pixel.' }),
    h('span', { class: 'muted', text: 'A P: full height is busy; the colour tells where the goroutine was spawned. Its lanes below: running full, ' }), stateTag('runnable'), stateTag('waiting'),
    h('span', { class: 'tag plain', text: '⤳ steal, or a wake-up by or of the selected goroutine' }), stateTag('gc', 'pause of the garbage collector'), h('span', { class: 'tag pause', text: 'other pause of the JVM' }), h('span', { class: 'muted', text: 'Where there are more steps than pixels, heights are shares of time. What a goroutine tells: its regions, and its messages as marks across them.' }));
  const none = h('div', {});
  const grid = h('div', { class: 'trace-grid', hidden: true },
    h('div', { class: 'stack' }, h('div', { class: 'canvas' }, mini), h('div', { class: 'canvas' }, canvas), h('div', { class: 'card small stack' }, legend, h('div', { class: 'row' }, flame.opener)), h('section', { class: 'card', 'aria-label': 'Selection' }, detail), flame.element),
    h('div', { class: 'stack' }, h('section', { class: 'card' }, h('h2', { text: 'Worth a look' }), rail), h('section', { class: 'card' }, scopeTitle, h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Time by spawn site in the window' }, h('table', {}, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'Spawned at'), h('th', { scope: 'col', class: 'num' }, 'CPU'), h('th', { scope: 'col', class: 'num' }, 'Share'))), scope)), scopeQueue, scopePauses)));
  replace(root, pageHead('Trace', 'Every scheduling step, as recorded. W S zoom, A D move, f all, z back, n p findings, j k finds; drag with Shift to zoom into a stretch.'),
    h('div', { class: 'row' }, seconds, record, finder.element, h('span', { class: 'grow' }), file, save, tools), said, none, grid);
  replace(none, empty('Nothing loaded yet', 'While somebody watches, the flight recorder keeps the last seconds of every scheduling step; under load it records when you ask. Load them, or open a file that was saved here before.'));

  async function load() {
    setParams({ s: seconds.value === '5' ? null : seconds.value });
    record.disabled = true;
    const began = performance.now();
    try {
      const asked = Number(seconds.value);
      if (store.newest?.rec === 'busy') said.textContent = `Recording for ${asked} s …`;
      const b = await binary('trace', { seconds: seconds.value, limit: 10000000, at: store.atParam }, n => { said.textContent = `Loading, ${bytes(n)} …`; }, { signal: closing.signal });
      await take(b, null, began, asked);
    } catch (e) {
      if (!closing.signal.aborted) said.textContent = e.message;
    }
    record.disabled = false;
  }

  /** Fetches a trace for another tool: of the time from where what is shown begins to now, or of what comes. */
  async function exportAs(button, format) {
    const past = time.value === 'past' && format !== 'jfr'; // the JDK's recorder has not been on
    const last = m && store.newest ? Math.ceil((store.newest.t - m.head.start - m.t0) / 1e9) : Number(seconds.value);
    const n = past ? Math.min(3600, Math.max(1, last)) : NEXT;
    const what = past ? `the last ${n} s, as far as they are still kept` : `the ${n} s that have just been recorded`;
    button.disabled = true;
    said.textContent = past ? `Fetching the last ${n} s …` : `Recording the next ${n} s …`;
    try {
      const b = await binary('debug/pprof/trace', { [past ? 'last' : 'seconds']: n, format }, null, { signal: closing.signal });
      const name = FILES[format];
      download(name, 'application/octet-stream', b);
      said.textContent = `${name}: ${what}, ${bytes(b.byteLength)}`;
    } catch (e) {
      if (!closing.signal.aborted) said.textContent = e.message;
    }
    button.disabled = false;
  }

  function take(buffer, name, began = performance.now(), asked = 0) {
    if (closing.signal.aborted) return null;
    said.textContent = 'Building lanes …';
    return new Promise(done => {
      const worker = new Worker(new URL('../trace-worker.js', import.meta.url), { type: 'module' });
      closing.signal.addEventListener('abort', () => { worker.terminate(); done(); });
      worker.onmessage = e => {
        worker.terminate();
        if (e.data.error) said.textContent = e.data.error;
        else use(e.data.model, name, began, asked);
        done();
      };
      worker.onerror = e => { worker.terminate(); said.textContent = e.message || 'The trace could not be read.'; done(); };
      worker.postMessage(buffer, [buffer]);
    });
  }

  function use(model, name, began, asked) {
    if (closing.signal.aborted) return;
    m = revive(model);
    const address = readHash().params;
    flame.clear();
    drag = brush = null;
    mapping = false;
    save.children[1].disabled = m.n === 0;
    // what is in a file may be of another program, or of long ago
    time.firstChild.disabled = name !== null;
    if (name !== null) time.value = 'next';
    said.textContent = `${int(m.n)} events, ${int(m.gids.length)} goroutines, ${m.procs} ${m.procs === 1 ? 'P' : 'Ps'}, ${dur(m.t1 - m.t0)}, loaded in ${dur((performance.now() - began) * 1e6)}${m.head.dropped ? `; ${int(m.head.dropped)} older events had been overwritten` : ''}${asked && m.n > 1000 && m.t1 - m.t0 < asked * 5e8 ? `; at this rate the recorder holds no more than that of the ${asked} s` : ''}${name ? ', from ' + name : ''}`;
    if (m.n === 0) {
      m = null;
      grid.hidden = true;
      replace(none, empty('No events', 'In this time no goroutine was scheduled: load a longer one. Steps are recorded while somebody watches, and on Jenny’s scheduler only: in fallback mode there are none, and jenny doctor says how to leave it.'));
      return;
    }
    replace(none);
    grid.hidden = false;
    // the goroutines that ran most get a lane
    show(m.most.slice(0, room()));
    undo.length = 0;
    // a and b count from the moment `from`, if the address has one: what is loaded may begin elsewhere
    const shift = params.has('from') && m.head.start !== undefined ? Number(params.get('from')) - m.head.start : 0;
    const a = Number(params.get('a')) + shift, b = Number(params.get('b')) + shift;
    win = b > a && b > m.t0 && a < m.t1 ? clamp(a, b) : [m.t0, Math.max(m.t1, m.t0 + 1000)];
    sel = null;
    findIssues();
    const g = params.get('g');
    if (g && m.dense.has(Number(g))) pick(m.dense.get(Number(g)));
    else drawDetail();
    changed(false);
    view.paint();
    map.paint();
    resume(address);
  }
  // what else the address says is shown
  async function resume(address) {
    if (address.get('find')) await (address.has('g') ? finder.search({ quiet: true }) : finder.step(1));
    if (m && address.has('flame')) await flame.open();
  }

  // how many goroutines have a lane unasked: more where the screen is higher
  const room = () => Math.max(6, Math.min(18, 6 + Math.floor((windowHeight() - 900) / (1.5 * LANE))));
  function show(goroutines) {
    shown = goroutines;
    rows = shown.flatMap(k => (hasOwn(m, k) ? [{ k }, { k, own: true }] : [{ k }]));
    lane = Math.min(lane, lanesCount() - 1); // there may have been more
  }

  function findIssues() {
    issues = [];
    for (const [v, i, k] of m.worst.ready.slice(0, 5)) if (v > 0) issues.push({ v, i, k, weight: v * 2, a: m.t[i] - v, b: m.t[i], text: `g${m.gids[k]} stood runnable` });
    for (const [v, i, k] of m.worst.run.slice(0, 5)) if (v > 0) issues.push({ v, i, k, weight: v * (v > 10e6 ? 3 : 1), a: m.t[i] - v, b: m.t[i], text: `g${m.gids[k]} ran without a break${v > 10e6 ? ': it holds up its P' : ''}` });
    for (const [v, i, k] of m.worst.wait.slice(0, 5)) if (v > 0) issues.push({ v, i, k, weight: v * .2, a: m.t[i] - v, b: m.t[i], text: `g${m.gids[k]} waited`, park: waitAt(k, m.t[i] - v) });
    issues.sort((x, y) => y.weight - x.weight);
    issue = -1;
    drawRail();
  }
  function drawRail() {
    replace(rail, issues.map((x, i) => h('li', {}, h('button', { type: 'button', 'aria-pressed': String(i === issue), onclick: () => jump(i) }, h('span', { class: 'num', text: dur(x.v) }), h('span', { text: x.text })))));
  }
  function jump(i) {
    issue = (i + issues.length) % issues.length;
    const x = issues[issue];
    const pad = Math.max(2000, (x.b - x.a) * .25);
    pick(x.k, { park: x.park });
    zoomTo(x.a - pad, x.b + pad);
    drawRail();
  }

  function pick(k, what) {
    sel = { k, ...what };
    if (!shown.includes(k)) show([k, ...shown.slice(0, room() + 1)]);
    if (lane === FOR_QUEUE) lane = m.procs + rows.findIndex(r => r.k === k);
    setParams({ g: m.gids[k] });
    drawDetail();
    view.paint();
  }

  /** Selects an event that was searched for; the window moves if it does not have it. */
  function showEvent(i) {
    const t = m.t[i];
    if (t < win[0] || t > win[1]) win = clamp(t - (win[1] - win[0]) / 2, t + (win[1] - win[0]) / 2);
    const k = m.dense.get(m.g[i]);
    if (k !== undefined) pick(k, { ...selectionOf(m, i), event: i });
    else { sel = null; drawDetail(); }
    changed();
  }

  // ---- how many stand runnable
  const middle = () => (sel?.at >= win[0] && sel.at <= win[1] ? sel.at : (win[0] + win[1]) / 2);
  const sayQueue = (t = middle()) => say(`+${dur(t - m.t0)}: ${runnableAt(m, t)}`);
  function drawScopeQueue() {
    const { mean, most, event } = runnableIn(m, ...win);
    if (mean === null) replace(scopeQueue, 'Runnable: not recorded in this window');
    else replace(scopeQueue, `Runnable: ${short(mean)} on average, `, event < 0 ? `${int(most)} at most` : h('button', { type: 'button', class: 'chip', title: 'Where it is so for the first time', onclick: showMost }, `${int(most)} at most`));
  }
  function showMost() {
    const { most, event } = runnableIn(m, ...win);
    if (event < 0) return;
    showEvent(event);
    say(`+${dur(m.t[event] - m.t0)}: ${int(most)} runnable, the most in this window; ${sentence(m, event)}`);
  }
  function drawScopePauses() {
    const all = pausesIn(m, ...win);
    const longest = all.reduce((x, y) => (x && x.ns >= y.ns ? x : y), null);
    scopePauses.textContent = longest ? `Pauses: ${int(all.length)}, together ${dur(all.reduce((x, y) => x + y.ns, 0))}; the longest: ${longest.text}` : '';
  }

  function drawDetail() {
    if (!sel) {
      replace(detail, h('h2', { text: 'Selection' }), h('p', { class: 'small muted', text: 'Click a slice: here is then who ran, for how long, who woke it, and why it stopped. Click a wait in the lane of a goroutine: where it waits, and for what. A region or a message: what the program says there.' }));
      return;
    }
    const { k, lane: q, s, park, span, note } = sel;
    let stopped = park;
    const id = m.gids[k];
    const rowsOf = [];
    if (s !== undefined) {
      const l = m.lanes[q];
      const e = l.event[s], end = l.last[s];
      // the wake-up before it
      let woke = null;
      for (let i = upperG(m, k, l.start[s]) - 1; i >= m.gOff[k]; i--) {
        const ev = m.gEvents[i], ty = m.type[ev];
        if (ev < e && (ty === m.code.ready || ty === m.code.create || ty === m.code.yield)) { woke = ev; break; }
        if (ev < e && ty === m.code.start) break;
      }
      rowsOf.push(['Began', '+' + dur(l.start[s] - m.t0)], ['Ran for', dur(l.end[s] - l.start[s])], ['Before that', woke !== null ? `runnable for ${dur(l.start[s] - m.t[woke])}; ${sentence(m, woke)}` : 'not recorded'], ['Then', m.num[end] === k ? sentence(m, end) : 'another goroutine ran']);
      if (m.num[end] === k && m.type[end] === m.code.park) stopped = end;
    } else if (park !== undefined) {
      const until = waitEnd(k, park);
      rowsOf.push(['Began', '+' + dur(m.t[park] - m.t0)], ['Waits for', m.head.reasons?.[m.arg[park]]], ['For', dur((until < 0 ? m.t1 : m.t[until]) - m.t[park]) + (until < 0 ? ', and the trace ends' : '')], ['Then', until >= 0 && sentence(m, until)]);
    }
    if (span !== undefined) rowsOf.push(...ofRegion(k, span));
    if (note !== undefined) rowsOf.push(['Says', sentence(m, note)], ['At', '+' + dur(m.t[note] - m.t0)], ['Task', taskName(moreOf(m, note))]);
    const stack = stopped === undefined ? [] : stackOf(m, stopped);
    if (stopped !== undefined) rowsOf.push(['Where', stack.length ? shortSite(stack[0]) : 'not recorded']);
    update(detail, h('div', { class: 'row' }, h('h2', { text: 'g' + id }), h('span', { class: 'site grow', text: siteName(m, k) ? 'spawned at ' + shortSite(siteName(m, k)) : '' }), h('button', { type: 'button', onclick: () => step(-1) }, '◂ Event'), h('button', { type: 'button', onclick: () => step(1) }, 'Event ▸'), h('a', { class: 'button', href: '#/goroutine?id=' + id }, 'The goroutine now')),
      facts([...rowsOf, ['Started by', m.parentOf[k] ? goroutine(m.parentOf[k]) : null], ['In all', `${dur(m.runNs[k])} running, ${dur(m.readyNs[k])} runnable, ${int(m.gOff[k + 1] - m.gOff[k])} events`], ['Woken by it', waker(k)], ['In this window it says', messages(k)]]),
      stack.length > 0 && h('pre', { class: 'code', tabindex: '0', role: 'region', 'aria-label': 'Where it waits', text: stack.join('\n') + (siteName(m, k) ? '\n\ncreated by\n' + siteName(m, k) : '') }));
  }
  function ofRegion(k, span) {
    const [a, b] = [m.spanStart[span], m.spanEnd[span]];
    const to = spentUpTo(m, k, b, [0, 0, 0, 0]), from = spentUpTo(m, k, a, [0, 0, 0, 0]);
    return [['Region', textOf(m, m.spanEvent[span])], ['Task', taskName(moreOf(m, m.spanEvent[span]))], ['Began', '+' + dur(a - m.t0)], ['Took', `${dur(b - a)}: ${dur(to[2] - from[2])} running, ${dur(to[1] - from[1])} runnable, ${dur(to[3] - from[3])} waiting`]];
  }
  let tasks = null; // the names of those that begin in the trace
  function taskName(task) {
    if (!task) return null;
    if (tasks?.m !== m) {
      tasks = { m, names: new Map() };
      for (const i of m.notes) if (m.type[i] === m.code.task) tasks.names.set(moreOf(m, i), textOf(m, i));
    }
    return `${task} ${tasks.names.get(task) ?? ''}`;
  }
  function messages(k) {
    const from = upperNote(m, k, win[0]), to = Math.min(upperNote(m, k, win[1]), from + 8);
    return Array.from(m.notes.subarray(from, to), i => h('div', {}, h('button', { type: 'button', class: 'mono', onclick: () => pick(k, { note: i }) }, '+' + dur(m.t[i] - m.t0)), ' ', sentence(m, i)));
  }
  const goroutine = id => (m.dense.has(id) ? h('button', { type: 'button', class: 'mono', onclick: () => pick(m.dense.get(id)) }, 'g' + idOf(m, id)) : h('span', { class: 'mono', text: 'g' + id }));
  // the event that ends the wait of goroutine k that begins with `park`; -1 if the trace ends before
  function waitEnd(k, park) {
    let i = upperG(m, k, m.t[park]);
    while (i > m.gOff[k] && m.gEvents[i - 1] > park) i--;
    return i < m.gOff[k + 1] ? m.gEvents[i] : -1;
  }
  const pickRow = ({ k, own }, t) => pick(k, own ? ownAt(k, t) : { park: waitAt(k, t) });
  // the message of goroutine k beside time t, or the innermost region there; undefined if there is neither
  function ownAt(k, t) {
    const slack = ((win[1] - win[0]) / view.width) * 4;
    let j = upperNote(m, k, t);
    const far = i => Math.abs(m.t[m.notes[i]] - t);
    if (j > m.noteOff[k] && (j === m.noteOff[k + 1] || far(j - 1) < far(j))) j--;
    if (j < m.noteOff[k + 1] && far(j) <= slack) return { note: m.notes[j] };
    const span = spanAt(m, k, t);
    return span < 0 ? undefined : { span };
  }
  // the wait of goroutine k at time t; undefined if it does something else then
  function waitAt(k, t) {
    const st = statesOf(m, k, t, t + 1)[0];
    return st?.state === 'waiting' ? st.event : undefined;
  }
  function waker(k) {
    const id = m.gids[k] >>> 0; // as the events have it
    let n = 0;
    const found = new Set();
    const lo = upper(m.t, m.n, win[0]), hi = Math.min(upper(m.t, m.n, win[1]), lo + 200000);
    for (let i = lo; i < hi && found.size < 8; i++) if (m.type[i] === m.code.ready && m.arg[i] === id) { n++; found.add(m.g[i]); }
    return found.size ? h('span', { class: 'row' }, [...found].map(goroutine), n > found.size ? 'in this window' : '') : null;
  }
  function step(d) {
    const mid = sel.at ?? (win[0] + win[1]) / 2;
    let i = upperG(m, sel.k, mid);
    if (d < 0) do i--; while (i >= m.gOff[sel.k] && m.t[m.gEvents[i]] >= mid);
    if (i < m.gOff[sel.k] || i >= m.gOff[sel.k + 1]) return;
    const best = m.gEvents[i];
    sel = { k: sel.k, at: m.t[best], park: m.type[best] === m.code.park ? best : undefined };
    drawDetail();
    const half = (win[1] - win[0]) / 2;
    win = clamp(sel.at - half, sel.at + half);
    said.textContent = `+${dur(sel.at - m.t0)}: ${sentence(m, best)}`;
    changed();
  }

  function clamp(a, b) {
    const all = Math.max(m.t1 - m.t0, 1000);
    let span = Math.max(50, Math.min(b - a, all));
    let x = a + (b - a - span) / 2;
    x = Math.max(m.t0 - span * .02, Math.min(x, m.t0 + all - span * .98));
    return [x, x + span];
  }
  function zoomTo(a, b, remember = true) {
    if (remember) { undo.push([...win]); if (undo.length > 60) undo.shift(); }
    win = clamp(a, b);
    changed();
  }
  let lastUndo = 0;
  function zoomBy(f, at = sel?.at ?? (win[0] + win[1]) / 2) {
    const now = performance.now();
    const remember = now - lastUndo > 600; // one entry for one turn of the wheel
    lastUndo = now;
    zoomTo(at + (win[0] - at) * f, at + (win[1] - at) * f, remember);
  }
  let scoping = 0;
  function changed(address = true) {
    view.ask();
    map.ask();
    clearTimeout(scoping);
    scoping = setTimeout(() => {
      if (!m) return;
      if (address) setParams({ a: Math.round(win[0]), b: Math.round(win[1]), from: m.head.start });
      drawScope();
      drawScopeQueue();
      drawScopePauses();
      if (address && lane === FOR_QUEUE) sayQueue(); // else what has been loaded is said
      if (sel) drawDetail();
    }, 120);
  }
  function drawScope() {
    const sums = new Float64Array(m.head.sites.length + 1); // by site; the last is for those without
    let slices = 0;
    for (const l of m.lanes) slices += sitesUpTo(m, l, win[1], sums, 1) - Math.max(0, sitesUpTo(m, l, win[0], sums, -1) - 1);
    const busy = m.lanes.reduce((x, l) => x + busyUpTo(l, win[1]) - busyUpTo(l, win[0]), 0);
    scopeTitle.textContent = `In this window of ${dur(win[1] - win[0])}`;
    const rows = Array.from(sums, (v, i) => [m.head.sites[i] ?? '', v]).filter(x => x[1] > .5).sort((a, b) => b[1] - a[1]).slice(0, 10);
    replace(scope, h('tr', {}, h('td', { text: `all Ps, ${int(slices)} slices` }), h('td', { class: 'num', text: dur(busy) }), h('td', { class: 'num', title: 'of the time of all Ps', text: ((100 * busy) / ((win[1] - win[0]) * m.procs)).toFixed(1) + ' %' })), rows.map(([site, v]) => h('tr', {}, h('td', { class: 'site' }, h('span', { 'aria-hidden': 'true', class: 'bar', style: { background: siteColour(site), width: '12px', 'margin-right': '8px' } }), shortSite(site)), h('td', { class: 'num', text: dur(v) }), h('td', { class: 'num', text: Math.round((100 * v) / Math.max(1, busy)) + ' %' }))));
  }

  // ---- drawing
  function draw(ctx, w) {
    if (!m || !win) return;
    const c = colours();
    const [a, b] = win;
    const plot = w - LABEL;
    const x = t => LABEL + ((t - a) / (b - a)) * plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(LABEL, 0, plot, TOP + lanesCount() * LANE + 12);
    ctx.clip();
    drawAxis(ctx, LABEL, 0, plot, TOP + lanesCount() * LANE, a, b, m.t0);
    const full = drawQueue(ctx, m, LABEL, AXIS, plot, QUEUE - 8, a, b);
    if (finder.events) drawFinds(ctx, m, finder.events, LABEL, AXIS - 6, plot, 5, a, b);
    m.lanes.forEach((l, i) => drawProc(ctx, m, l, LABEL, TOP + i * LANE, plot, LANE - 4, a, b, { selected: sel ? sel.k : -1 }));
    rows.forEach(({ k, own }, i) => (own ? drawOwn : drawG)(ctx, m, k, LABEL, TOP + (m.procs + i) * LANE, plot, LANE - 4, a, b, sel?.k === k ? sel : {}));
    drawPauses(ctx, m, LABEL, AXIS - 6, plot, QUEUE + lanesCount() * LANE + 6, a, b);
    // arrows when there is room for them
    const lo = upper(m.t, m.n, a), hi = upper(m.t, m.n, b);
    if (hi - lo < 1500) {
      for (let i = lo; i < hi; i++) if (m.type[i] === m.code.steal && m.p[i] !== NO_P) arrow(ctx, x(m.t[i]) - 10, TOP + m.arg[i] * LANE + LANE / 2, x(m.t[i]), TOP + m.p[i] * LANE + LANE / 2, c.text, 1.25);
      if (sel) wakeups(ctx, c, x, lo, hi);
    } else {
      const slo = upperIdx(m.steals, a), shi = upperIdx(m.steals, b);
      if (shi - slo < 400) for (let j = slo; j < shi; j++) { const i = m.steals[j]; if (m.p[i] === NO_P) continue; ctx.fillStyle = c.text; ctx.fillRect(x(m.t[i]), TOP + m.p[i] * LANE - 3, 1.5, 4); }
    }
    if (sel?.park !== undefined) {
      const until = waitEnd(sel.k, sel.park), y = TOP + (m.procs + rows.findIndex(r => r.k === sel.k)) * LANE;
      const x0 = Math.max(LABEL - 4, x(m.t[sel.park])), x1 = Math.min(w + 4, x(until < 0 ? m.t1 : m.t[until]));
      ctx.strokeStyle = c.focus;
      ctx.lineWidth = 2;
      if (x1 > LABEL && x0 < w) ctx.strokeRect(x0, y + 1, Math.max(2, x1 - x0), LANE - 7);
    }
    if (sel?.at !== undefined) { ctx.fillStyle = c.text; ctx.fillRect(x(sel.at), AXIS - 4, 1.5, QUEUE + lanesCount() * LANE); }
    if (lane === FOR_QUEUE) { ctx.fillStyle = c.accent; ctx.fillRect(x(middle()) - 1, AXIS, 2, QUEUE - 8); }
    if (brush) { ctx.fillStyle = c.accent; ctx.globalAlpha = .25; ctx.fillRect(Math.min(brush.x0, brush.x1), AXIS - 6, Math.abs(brush.x1 - brush.x0), QUEUE + lanesCount() * LANE + 6); ctx.globalAlpha = 1; }
    ctx.restore();
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    ctx.fillStyle = lane === FOR_QUEUE ? c.accent : c.text;
    ctx.font = `12px ${c.font}`;
    fitText(ctx, 'runnable', 8, AXIS + QUEUE - 18, LABEL - 8);
    ctx.fillStyle = c.muted;
    if (full > 0) fitText(ctx, '↥ ' + short(full), 8, AXIS + 8, LABEL - 8);
    for (let i = 0; i < lanesCount(); i++) {
      ctx.fillStyle = i === lane ? c.accent : c.text;
      ctx.font = i < m.procs ? `650 13px ${c.font}` : `12px ${c.mono}`;
      const row = rows[i - m.procs];
      fitText(ctx, i < m.procs ? 'P' + i : row.own ? '└ tells' : 'g' + m.gids[row.k], 8, TOP + i * LANE + LANE / 2 - 2, LABEL - 12);
      if (i === m.procs) { ctx.fillStyle = c.line; ctx.fillRect(0, TOP + i * LANE - 3, w, 1); }
    }
  }
  function upperIdx(list, t) {
    let lo = 0, hi = list.length;
    while (lo < hi) { const mid = (lo + hi) >>> 1; if (m.t[list[mid]] <= t) lo = mid + 1; else hi = mid; }
    return lo;
  }
  // who woke the selected goroutine, and whom it woke
  function wakeups(ctx, c, x, lo, hi) {
    const id = m.gids[sel.k] >>> 0;
    const startAfter = i => { for (let j = i + 1; j < Math.min(m.n, i + 3000); j++) if (m.type[j] === m.code.start && m.g[j] === m.g[i]) return j; return -1; };
    for (let i = lo; i < hi; i++) {
      if (m.type[i] !== m.code.ready || (m.g[i] !== id && m.arg[i] !== id) || m.p[i] === NO_P) continue;
      const j = startAfter(i);
      if (j >= 0 && m.p[j] !== NO_P) arrow(ctx, x(m.t[i]), TOP + m.p[i] * LANE + LANE / 2, x(m.t[j]), TOP + m.p[j] * LANE + LANE / 2, m.g[i] === id ? c.ready : c.run, 1.5);
    }
  }
  let bars = null; // how busy all Ps were, over the whole trace
  function busyShares(n, ns) {
    const share = new Float64Array(n);
    for (const l of m.lanes) {
      let before = 0;
      for (let i = 0; i < n; i++) {
        const now = busyUpTo(l, m.t0 + (i + 1) * ns);
        share[i] += (now - before) / ns / m.procs;
        before = now;
      }
    }
    const most = share.reduce((x, y) => Math.max(x, y), 1e-9); // Ps come and go: the busiest moment is the full height
    return share.map(x => x / most);
  }
  function drawMap(ctx, w, ht) {
    if (!m) return;
    const c = colours();
    const all = Math.max(1, m.t1 - m.t0);
    ctx.fillStyle = c.run;
    if (bars?.m !== m || bars.share.length !== Math.ceil(w / 2)) bars = { m, share: busyShares(Math.ceil(w / 2), (all * 2) / w) };
    bars.share.forEach((share, i) => {
      const bar = Math.max(2, share * (ht - 4));
      if (share > 0) ctx.fillRect(i * 2, ht - bar, 1.5, bar);
    });
    const x0 = ((win[0] - m.t0) / all) * w, x1 = ((win[1] - m.t0) / all) * w;
    ctx.fillStyle = c.bg;
    ctx.globalAlpha = .65;
    ctx.fillRect(0, 0, Math.max(0, x0), ht);
    ctx.fillRect(x1, 0, w - x1, ht);
    ctx.globalAlpha = 1;
    if (finder.events) drawFinds(ctx, m, finder.events, 0, 0, w, 6, m.t0, m.t1);
    ctx.strokeStyle = c.accent;
    ctx.lineWidth = 2;
    ctx.strokeRect(Math.max(1, x0), 1, Math.max(3, Math.min(w - 1, x1) - Math.max(1, x0)), ht - 2);
  }

  // ---- pointer
  let drag = null, brush = null;
  const timeAt = px => win[0] + ((px - LABEL) / (view.width - LABEL)) * (win[1] - win[0]);
  const where = e => { const p = view.point(e); return { ...p, i: p.y < AXIS ? NaN : p.y < TOP ? FOR_QUEUE : Math.floor((p.y - TOP) / LANE) }; };
  const sliceAt = p => {
    const l = m.lanes[p.i];
    const t = timeAt(p.x);
    const slack = ((win[1] - win[0]) / view.width) * 2;
    let s = upper(l.start, l.n, t + slack) - 1;
    return s >= 0 && l.end[s] >= t - slack ? s : -1;
  };
  canvas.addEventListener('pointerdown', e => {
    if (!m || e.button) return;
    const p = where(e);
    canvas.setPointerCapture(e.pointerId);
    drag = { x: p.x, win: [...win], moved: false };
    if (e.shiftKey) brush = { x0: p.x, x1: p.x };
  });
  canvas.addEventListener('pointermove', e => {
    if (!m) return;
    const p = where(e);
    if (drag) {
      if (Math.abs(p.x - drag.x) > 3) drag.moved = true;
      if (brush) brush.x1 = p.x;
      else if (drag.moved) { const d = ((p.x - drag.x) / (view.width - LABEL)) * (drag.win[1] - drag.win[0]); win = clamp(drag.win[0] - d, drag.win[1] - d); }
      noTip();
      changed();
      return;
    }
    const slack = ((win[1] - win[0]) / view.width) * 2;
    const pauses = p.x >= LABEL && p.i >= FOR_QUEUE && p.i < lanesCount() ? pausesIn(m, timeAt(p.x) - slack, timeAt(p.x) + slack).slice(0, 3).map(x => h('div', { text: x.text })) : [];
    const told = (...lines) => (lines.length + pauses.length ? tip(e.clientX, e.clientY, ...lines, ...pauses) : noTip());
    if (p.i === FOR_QUEUE && p.x >= LABEL) {
      told(...runnableTip(m, timeAt(p.x), (win[1] - win[0]) / (view.width - LABEL)));
      canvas.style.cursor = 'crosshair';
      return;
    }
    if (p.i >= 0 && p.i < m.procs) {
      const s = sliceAt(p);
      if (s >= 0) { const l = m.lanes[p.i]; const k = l.g[s]; told(h('b', { text: `g${m.gids[k]} on P${p.i}, ${dur(l.end[s] - l.start[s])}` }), siteName(m, k) && h('div', { class: 'mono', text: shortSite(siteName(m, k)) }), h('div', { text: '+' + dur(l.start[s] - m.t0) })); canvas.style.cursor = 'pointer'; return; }
    } else if (p.i >= m.procs && p.i < lanesCount()) {
      const t = timeAt(p.x);
      const { k, own } = rows[p.i - m.procs];
      if (own) {
        const what = ownAt(k, t);
        canvas.style.cursor = what ? 'pointer' : 'crosshair';
        if (what?.note !== undefined) told(h('b', { text: sentence(m, what.note) }), h('div', { text: '+' + dur(m.t[what.note] - m.t0) }));
        else if (what) told(h('b', { text: textOf(m, m.spanEvent[what.span]) }), h('div', { text: dur(m.spanEnd[what.span] - m.spanStart[what.span]) }));
        else told();
        return;
      }
      const st = statesOf(m, k, t, t + 1)[0];
      if (st) {
        const at = st.state === 'waiting' ? stackOf(m, st.event)[0] : null;
        told(h('b', { text: st.state + (st.reason ? ': ' + st.reason : '') }), at && h('div', { class: 'mono', text: shortSite(at) }), h('div', { text: dur(st.to - st.from) }));
        canvas.style.cursor = st.state === 'waiting' ? 'pointer' : 'crosshair';
        return;
      }
    }
    canvas.style.cursor = 'crosshair';
    told();
  });
  canvas.addEventListener('pointerup', e => {
    if (!drag) return;
    const p = where(e);
    const moved = drag.moved;
    drag = null;
    if (brush) {
      const [x0, x1] = [Math.min(brush.x0, brush.x1), Math.max(brush.x0, brush.x1)];
      brush = null;
      if (x1 - x0 > 4) zoomTo(timeAt(x0), timeAt(x1));
      else changed();
      return;
    }
    if (moved) return;
    if (p.i >= FOR_QUEUE) lane = Math.min(lanesCount() - 1, p.i);
    if (p.i === FOR_QUEUE) sayQueue(timeAt(p.x));
    if (p.i >= 0 && p.i < m.procs) { const s = sliceAt(p); if (s >= 0) pick(m.lanes[p.i].g[s], { lane: p.i, s }); }
    else if (p.i >= m.procs && p.i < lanesCount()) pickRow(rows[p.i - m.procs], timeAt(p.x));
    view.ask();
  });
  for (const n of LOST) canvas.addEventListener(n, () => { drag = brush = null; view.ask(); });
  canvas.addEventListener('pointerleave', noTip);
  canvas.addEventListener('wheel', e => {
    if (!m) return;
    e.preventDefault();
    if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) { const d = ((e.deltaX || e.deltaY) / 600) * (win[1] - win[0]); win = clamp(win[0] + d, win[1] + d); changed(); }
    else zoomBy(Math.exp(e.deltaY / 300), timeAt(where(e).x));
  }, { passive: false });
  let mapping = false;
  const toMap = e => { const r = mini.getBoundingClientRect(); const t = m.t0 + ((e.clientX - r.left) / r.width) * (m.t1 - m.t0); const half = (win[1] - win[0]) / 2; win = clamp(t - half, t + half); changed(); };
  mini.addEventListener('pointerdown', e => {
    if (!m || e.button) return;
    mapping = true;
    mini.setPointerCapture(e.pointerId);
    undo.push([...win]);
    toMap(e);
  });
  mini.addEventListener('pointermove', e => { if (mapping) toMap(e); });
  for (const n of ['pointerup', ...LOST]) mini.addEventListener(n, () => { mapping = false; });

  off.push(store.on('theme', () => { view.ask(); map.ask(); flame.ask(); }));
  load();
  const start = () => m.head.start ?? 0;
  return {
    goto(t) {
      if (!m) return false;
      const half = (win[1] - win[0]) / 2;
      const x = t - start();
      win = clamp(x - half, x + half);
      changed();
      return true;
    },
    moment: () => (m ? start() + (win[0] + win[1]) / 2 : store.time),
    beginning: () => (m ? start() + m.t0 : 0),
    key(e) {
      if (!m) return false;
      if (flame.key(e)) return true;
      const d = (win[1] - win[0]) * .15;
      const move = v => { win = clamp(win[0] + v, win[1] + v); changed(); };
      const act = {
        w: () => zoomBy(.7), s: () => zoomBy(1 / .7), a: () => move(-d), d: () => move(d), ArrowLeft: () => move(-d), ArrowRight: () => move(d),
        ArrowUp: () => { lane = Math.max(FOR_QUEUE, lane - 1); if (lane === FOR_QUEUE) sayQueue(); view.ask(); }, ArrowDown: () => { lane = Math.min(lanesCount() - 1, lane + 1); view.ask(); },
        f: () => zoomTo(m.t0, m.t1), z: () => { const u = undo.pop(); if (u) { win = u; changed(); } }, '/': () => finder.input.focus(), j: () => finder.step(1), k: () => finder.step(-1),
        Escape: () => { sel = null; setParams({ g: null }); drawDetail(); view.ask(); },
        n: () => issues.length && jump(issue + 1), p: () => issues.length && jump(issue < 0 ? issues.length - 1 : issue - 1),
        Enter: () => { const mid = (win[0] + win[1]) / 2; if (lane === FOR_QUEUE) showMost(); else if (lane >= m.procs) pickRow(rows[lane - m.procs], mid); else { const l = m.lanes[lane]; const s = upper(l.start, l.n, mid) - 1; if (s >= 0) pick(l.g[s], { lane, s }); } },
      }[e.key.length === 1 ? e.key.toLowerCase() : e.key];
      if (!act || (e.key === 'Escape' && !sel)) return false;
      act();
      return true;
    },
    params: () => true,
    close() {
      clearTimeout(scoping);
      closing.abort();
      finder.close();
      flame.end();
      m = null;
      off.forEach(f => f());
      view.close();
      map.close();
      noTip();
    },
  };
}
