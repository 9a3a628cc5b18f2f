// Small helpers for building elements, formatting values, and drawing on canvases.

/** An element. `props`: attributes; `on…` are listeners, `class`, `text`, and `style` (an object) are themselves. */
export function h(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props ?? {})) {
    if (v === undefined || v === null || v === false) continue;
    if (k.startsWith('on')) {
      e[k] = event => { v(event); };
      (e.handlers ??= []).push(k);
    }
    else if (k === 'text') e.textContent = v;
    else if (k === 'class') e.className = v;
    else if (k === 'style') for (const [p, w] of Object.entries(v)) e.style.setProperty(p, w);
    else if (k in e && typeof v !== 'string' && k !== 'list') e[k] = v;
    else e.setAttribute(k, v === true ? '' : v);
  }
  add(e, children);
  return e;
}

function add(e, children) {
  for (const c of children) {
    if (Array.isArray(c)) add(e, c);
    else if (c !== null && c !== undefined && c !== false) e.append(c);
  }
}

export function replace(e, ...children) {
  e.replaceChildren();
  add(e, children);
}

/**
 * Makes the children of `e` look like `children`, and leaves in place what is there already: that keeps the focus, a
 * press that has begun, a selection, how far it is scrolled, whether it is unfolded. Children with a `key` are found
 * again wherever they stand.
 */
export function update(e, ...children) {
  const wanted = document.createElement('div');
  add(wanted, children);
  const focus = document.activeElement;
  match(e, wanted);
  if (focus !== document.activeElement && focus?.isConnected) focus.focus({ preventScroll: true });
}

function match(old, now) {
  const keyed = new Map();
  const wanted = new Set([...now.children].map(c => c.key));
  for (const c of [...old.children]) {
    if (c.key === undefined) continue;
    if (wanted.has(c.key)) keyed.set(c.key, c);
    else c.remove(); // first, so that the others need not move
  }
  let at = old.firstChild;
  for (const n of [...now.childNodes]) {
    if (n.key !== undefined) {
      const o = keyed.get(n.key);
      keyed.delete(n.key);
      if (o === undefined) old.insertBefore(n, at);
      else {
        if (o === at) at = at.nextSibling;
        else old.insertBefore(o, at);
        patch(o, n);
      }
    } else if (at && at.key === undefined && at.nodeName === n.nodeName && n.nodeName !== 'CANVAS') {
      const o = at;
      at = at.nextSibling;
      patch(o, n);
    } else {
      const o = at;
      at = at?.nextSibling ?? null;
      old.insertBefore(n, o);
      o?.remove();
    }
  }
  while (at) {
    const o = at;
    at = at.nextSibling;
    o.remove();
  }
}

function patch(o, n) {
  if (o.nodeType !== Node.ELEMENT_NODE) {
    if (o.data !== n.data) o.data = n.data;
    return;
  }
  const keep = a => a === 'style' || (a === 'open' && o.nodeName === 'DETAILS');
  for (const a of [...o.attributes]) if (!keep(a.name) && !n.hasAttribute(a.name)) o.removeAttribute(a.name);
  for (const a of n.attributes) if (!keep(a.name) && o.getAttribute(a.name) !== a.value) o.setAttribute(a.name, a.value);
  if (o.style.cssText !== n.style.cssText) o.style.cssText = n.style.cssText;
  for (const k of new Set([...(o.handlers ?? []), ...(n.handlers ?? [])])) o[k] = n[k];
  o.handlers = n.handlers;
  match(o, n);
}

const SVG = 'http://www.w3.org/2000/svg';
export function icon(path) {
  const s = document.createElementNS(SVG, 'svg');
  s.setAttribute('viewBox', '0 0 20 20');
  s.setAttribute('aria-hidden', 'true');
  const p = document.createElementNS(SVG, 'path');
  p.setAttribute('d', path);
  s.append(p);
  return s;
}

// ---- values as text

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
export const many = (n, one, more = one + 's') => `${int(n)} ${n === 1 ? one : more}`;
export const int = n => (n === null || n === undefined ? '–' : whole.format(n));

export function short(n) {
  if (n === null || n === undefined || Number.isNaN(n)) return '–';
  const a = Math.abs(n);
  if (a >= 1e9) return trim(n / 1e9) + ' G';
  if (a >= 1e6) return trim(n / 1e6) + ' M';
  if (a >= 1e4) return trim(n / 1e3) + ' k';
  return a >= 100 || Number.isInteger(n) ? whole.format(n) : trim(n);
}

const trim = n => String(Number(n.toPrecision(3)));

/** Nanoseconds with a fitting unit. */
export function dur(ns) {
  if (ns === null || ns === undefined || Number.isNaN(ns)) return '–';
  const a = Math.abs(ns);
  if (a < 1e3) return trim(ns) + ' ns';
  if (a < 1e6) return trim(ns / 1e3) + ' µs';
  if (a < 1e9) return trim(ns / 1e6) + ' ms';
  if (a < 120e9) return trim(ns / 1e9) + ' s';
  const s = Math.floor(ns / 1e9);
  if (s < 7200) return Math.floor(s / 60) + ' min ' + (s % 60) + ' s';
  return Math.floor(s / 3600) + ' h ' + (Math.floor(s / 60) % 60) + ' min';
}

export function bytes(n) {
  if (n === null || n === undefined) return '–';
  for (const u of ['B', 'KiB', 'MiB', 'GiB']) {
    if (n < 1024 || u === 'GiB') return trim(n) + ' ' + u;
    n /= 1024;
  }
}

export function clock(epochMs, millis = false) {
  const d = new Date(epochMs);
  const two = n => String(n).padStart(2, '0');
  const s = two(d.getHours()) + ':' + two(d.getMinutes()) + ':' + two(d.getSeconds());
  return millis ? s + '.' + String(d.getMilliseconds()).padStart(3, '0') : s;
}

/** "com.shop.orders.Worker.run(Worker.java:42)" without its package and file: "Worker.run:42". */
export function shortSite(site) {
  if (!site) return 'unknown site';
  const paren = site.indexOf('(', 1);
  const head = paren < 0 ? site : site.slice(0, paren);
  const line = /:\d+(?=\)$)/.exec(site)?.[0] ?? '';
  const parts = head.split('.');
  const name = parts.slice(-2).join('.').replace(/lambda\$(\w+)\$\d+/, '$1 λ');
  return name + line;
}

export const NO_SITE = 'no go statement'; // of main, and of what libraries start
export const spawnSite = site => (site ? shortSite(site) : NO_SITE);

/** A value as it stands in a query. */
export const quoted = v => (v === '' || /[^\w.:/-]/.test(v) ? '"' + v.replace(/["\\]/g, '\\$&') + '"' : v);

/** A query for the goroutines of a group: those of its go statement, its line included, or without one, of what they wait for. */
export const querySite = g => (g.site ? 'site~' + quoted(g.site) : g.reason ? 'reason:' + quoted(g.reason) : 'state:' + (g.state ?? 'waiting'));

/** Is said of a goroutine while another moment is looked at. */
export const asItIsNow = () => h('p', { class: 'small muted', text: 'As it is now: of the past, single goroutines are not kept.' });

export const STATE_CLASS = { running: 'run', runnable: 'ready', waiting: 'wait', stalled: 'stall', pinned: 'stall', dead: 'plain', gc: 'gc', spinning: 'spin', idle: '', spare: '', retiring: '' };
export function stateTag(state, extra) {
  return h('span', { class: 'tag ' + (STATE_CLASS[state] ?? '') }, extra ?? state);
}

export const gLink = (id, label) => h('a', { href: '#/goroutine?id=' + id, class: 'mono nowrap' }, label ?? 'g' + id);

export function empty(title, text, code, ...more) {
  return h('div', { class: 'empty' }, h('h2', { text: title }), h('p', { class: 'muted', text }), code && h('pre', { text: code }), more);
}

export function facts(pairs) {
  return h('dl', { class: 'facts' }, pairs.filter(p => p && p[1] !== undefined && p[1] !== null && p[1] !== '' && p[1].length !== 0).map(([k, v]) => [h('dt', { text: k }), h('dd', {}, v)]));
}

export function pageHead(title, text, ...more) {
  return h('div', { class: 'page-head' }, h('h1', { text: title }), h('p', { text }), more);
}

export function segments(label, options, value, onchange) {
  const buttons = options.map(([k, text, title]) => h('button', { type: 'button', title, onclick: () => { draw(k); onchange(k); } }, text));
  const box = h('div', { class: 'segments', role: 'group', 'aria-label': label }, buttons);
  const draw = v => options.forEach(([k], i) => buttons[i].setAttribute('aria-pressed', String(k === v)));
  box.set = draw;
  draw(value);
  return box;
}

export function download(name, type, data) {
  const url = URL.createObjectURL(data instanceof Blob ? data : new Blob([data], { type }));
  const a = h('a', { href: url, download: name });
  document.body.append(a);
  a.click();
  a.remove();
  setTimeout(() => URL.revokeObjectURL(url), 5000);
}

export async function copy(text, button) {
  let copied = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copied = copySelected(text);
    button?.focus();
  }
  if (button) say(button, copied ? 'Copied' : 'Not copied');
}

function copySelected(text) {
  const area = h('textarea', { text });
  document.body.append(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  return copied;
}

const saying = new WeakMap(); // buttons that say something else for a moment, and what they are called
/** Lets `button` say `text` for a moment. */
export function say(button, text) {
  const { name, timer } = saying.get(button) ?? { name: button.textContent };
  clearTimeout(timer);
  button.textContent = text;
  saying.set(button, { name, timer: setTimeout(() => { button.textContent = name; saying.delete(button); }, 1200) });
}

// ---- what is read aloud

/** Says `text` to who hears the page. */
export const announce = text => { document.getElementById('heard').textContent = text; };

/** A line of figures that change by themselves: `tell` has it read aloud only if it is of another `kind` than before. */
export function counting() {
  const e = h('p', { class: 'small muted said' });
  let last = null;
  e.tell = (kind, text) => {
    update(e, text);
    if (kind !== last) announce(text);
    last = kind;
  };
  return e;
}

// ---- tooltip, one for the page

let tipBox;
export function tip(x, y, ...content) {
  if (!content.length || content[0] === null) {
    if (tipBox) tipBox.hidden = true;
    return;
  }
  if (!tipBox) {
    tipBox = h('div', { class: 'tip', role: 'presentation' });
    document.body.append(tipBox);
  }
  replace(tipBox, content);
  tipBox.hidden = false;
  const r = tipBox.getBoundingClientRect();
  tipBox.style.left = Math.max(4, Math.min(x + 14, innerWidth - r.width - 8)) + 'px';
  tipBox.style.top = (y + 18 + r.height > innerHeight ? Math.max(4, y - r.height - 10) : y + 18) + 'px';
}
export const noTip = () => tip(0, 0, null);

// ---- colours of the theme, read once per theme

let palette = null;
export function colours() {
  if (palette) return palette;
  const css = getComputedStyle(document.documentElement);
  palette = {};
  for (const n of ['bg', 'surface', 'raised', 'sunk', 'line', 'line-strong', 'text', 'muted', 'accent', 'run', 'ready', 'wait', 'stall', 'gc', 'idle', 'spin', 'run-soft', 'ready-soft', 'wait-soft', 'stall-soft', 'gc-soft', 'focus']) palette[n] = css.getPropertyValue('--' + n).trim();
  palette.sites = [0, 1, 2, 3, 4, 5, 6, 7].map(i => css.getPropertyValue('--s' + i).trim());
  palette.font = css.getPropertyValue('--font').trim();
  palette.mono = css.getPropertyValue('--mono').trim();
  return palette;
}
export const forgetColours = () => { palette = null; };

// Sites get colours in the order in which they appear, so that the first eight differ for certain.
const siteNumbers = new Map();
export function siteColour(site) {
  let n = siteNumbers.get(site);
  if (n === undefined) siteNumbers.set(site, n = siteNumbers.size);
  const s = colours().sites;
  return s[n % s.length];
}

export function stateColour(state) {
  const c = colours();
  return { running: c.run, runnable: c.ready, waiting: c.wait, stalled: c.stall, pinned: c.stall, gc: c.gc, spinning: c.spin }[state] ?? c.idle;
}

// ---- canvases

// What is drawn grows with the text around it: on very wide screens, or if the reader has chosen a bigger font.
let scale = 0;
function unit() {
  scale ||= parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
  return scale;
}
addEventListener('resize', () => { scale = 0; });

/** The height of the window, in the units of `canvasView`. */
export const windowHeight = () => innerHeight / unit();

/**
 * A canvas that fits its box at the screen's resolution and redraws when asked, at most once a frame.
 * `draw(ctx, width, height)` works in sixteenths of the page's font size, which are CSS pixels as a rule; so does
 * `point(event)`, which says where in the canvas a pointer is.
 */
export function canvasView(canvas, draw, { height } = {}) {
  const ctx = canvas.getContext('2d');
  let asked = false;
  let dead = false;
  const view = {
    canvas, ctx, width: 0, height: 0,
    paint() {
      asked = false;
      if (dead || !canvas.isConnected) return;
      const ratio = Math.min(devicePixelRatio || 1, 3);
      const u = unit();
      if (height) canvas.style.height = (typeof height === 'function' ? height(canvas.clientWidth / u) : height) * u + 'px';
      const { clientWidth, clientHeight } = canvas;
      if (!clientWidth || !clientHeight) return;
      if (canvas.width !== Math.round(clientWidth * ratio) || canvas.height !== Math.round(clientHeight * ratio)) {
        canvas.width = Math.round(clientWidth * ratio);
        canvas.height = Math.round(clientHeight * ratio);
      }
      const w = clientWidth / u, ht = clientHeight / u;
      ctx.setTransform(ratio * u, 0, 0, ratio * u, 0, 0);
      ctx.clearRect(0, 0, w, ht);
      view.width = w;
      view.height = ht;
      draw(ctx, w, ht);
    },
    point(e) {
      const r = canvas.getBoundingClientRect();
      return { x: ((e.clientX - r.left) * view.width) / (r.width || 1), y: ((e.clientY - r.top) * view.height) / (r.height || 1) };
    },
    ask() {
      if (!asked && !dead) {
        asked = true;
        requestAnimationFrame(view.paint);
      }
    },
    close() {
      dead = true;
      watch.disconnect();
    },
  };
  const watch = new ResizeObserver(view.ask);
  watch.observe(canvas);
  return view;
}

/** What ends a drag without a release. */
export const LOST = ['pointercancel', 'lostpointercapture'];

/** A sparkline: filled area under a line, scaled to its own maximum (or `max`). */
export function spark(ctx, w, ht, values, colour, max) {
  if (!values.length) return;
  let top = max ?? 0;
  if (max === undefined) for (const v of values) if (v > top) top = v;
  if (top <= 0) top = 1;
  const n = values.length;
  const x = i => (n === 1 ? w : (i * w) / (n - 1));
  const y = v => ht - 1.5 - (Math.max(0, Math.min(v, top)) / top) * (ht - 4);
  ctx.beginPath();
  ctx.moveTo(x(0), ht);
  values.forEach((v, i) => ctx.lineTo(x(i), y(v ?? 0)));
  ctx.lineTo(x(n - 1), ht);
  ctx.closePath();
  ctx.globalAlpha = .16;
  ctx.fillStyle = colour;
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.beginPath();
  values.forEach((v, i) => (i ? ctx.lineTo(x(i), y(v ?? 0)) : ctx.moveTo(x(i), y(v ?? 0))));
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5;
  ctx.lineJoin = 'round';
  ctx.stroke();
}

/** Text cut to fit `w` pixels; nothing if not even three letters fit. */
export function fitText(ctx, text, x, y, w) {
  if (w < 14) return;
  const per = ctx.fitPer && ctx.fitFont === ctx.font ? ctx.fitPer : (ctx.fitFont = ctx.font, ctx.fitPer = ctx.measureText('abcdefghijklmnop').width / 16);
  const n = Math.floor(w / per);
  if (n >= text.length) ctx.fillText(text, x, y);
  else if (n > 3) ctx.fillText(text.slice(0, n - 1) + '…', x, y);
}

export function roundRect(ctx, x, y, w, ht, r) {
  ctx.beginPath();
  ctx.roundRect(x, y, w, ht, Math.min(r, w / 2, ht / 2));
}

/** A step of 1, 2 or 5 times a power of ten, at least `x`. */
export function niceStep(x) {
  const p = 10 ** Math.floor(Math.log10(x));
  for (const m of [1, 2, 5, 10]) if (m * p >= x) return m * p;
  return 10 * p;
}

// ---- a sortable table

/**
 * `columns`: {key, title, num, cell(row), value(row), html class}. `rows` are drawn up to `limit`.
 * `onrow(row)` makes rows clickable; from the keyboard, Tab leads to one row, arrows to the others, Enter clicks.
 */
export function table(caption, columns, { sort, desc = true, onrow, limit = 100, selected } = {}) {
  const body = h('tbody');
  const head = h('tr');
  const noted = h('span', { class: 'small muted' });
  const note = h('div', { class: 'row more', hidden: true }, noted, h('button', { type: 'button', onclick: () => { limit *= 10; drawBody(); } }, 'Show more'));
  let rows = [];
  let by = sort;
  let down = desc;
  const sorted = () => {
    const c = columns.find(x => x.key === by);
    if (!c) return rows;
    const val = c.value ?? (r => r[c.key]);
    return [...rows].sort((a, b) => {
      const none = c.num ? -Infinity : '';
      const x = val(a) ?? none, y = val(b) ?? none;
      return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
    });
  };
  const drawHead = () => update(head, columns.map(c => h('th', { scope: 'col', class: c.num ? 'num' : '', 'aria-sort': c.key === by ? (down ? 'descending' : 'ascending') : null },
    c.sortable === false ? c.title : h('button', { type: 'button', onclick: () => { if (by === c.key) down = !down; else { by = c.key; down = !!c.num; } drawHead(); drawBody(); } }, c.title))));
  const drawBody = () => {
    const all = sorted();
    const tab = body.querySelector('tr[tabindex="0"]');
    const shown = all.slice(0, limit).map((r, i) => {
      const tr = h('tr', { class: onrow ? 'link' : '', 'aria-selected': selected ? String(!!selected(r)) : null, onclick: onrow && (e => { if (!e.target.closest('a,button')) onrow(r); }) }, columns.map(c => h('td', { class: (c.num ? 'num ' : '') + (c.class ?? '') }, c.cell ? c.cell(r) : String(r[c.key] ?? ''))));
      tr.key = r.id ?? r.key ?? r.name ?? r.label ?? i; // the focus stays with what the row shows, wherever that is sorted to
      return tr;
    });
    if (onrow && shown.length) (shown.find(tr => tr.key === tab?.key) ?? shown[0]).tabIndex = 0;
    update(body, shown);
    note.hidden = all.length <= limit;
    noted.textContent = `The first ${int(limit)} of ${int(all.length)}.`;
  };
  drawHead();
  if (onrow) body.addEventListener('keydown', e => {
    const row = e.target;
    if (row.parentElement !== body || e.ctrlKey || e.metaKey || e.altKey) return;
    const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[e.key];
    if (e.key === 'Enter') row.click();
    else if (next) {
      row.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    } else return;
    e.preventDefault();
    e.stopPropagation();
  });
  const e = h('div', {}, h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption }, h('table', {}, h('caption', { class: 'sr', text: caption }), h('thead', {}, head), body)), note);
  e.set = r => { rows = r; drawBody(); };
  return e;
}
