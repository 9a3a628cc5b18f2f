// The flame graph below the lanes of the trace viewer: of the window that was shown when it was asked for.

import { h, replace, dur, segments, empty } from './ui.js';
import { setParams } from './store.js';
import { flameGraph, grow } from './flame-graph.js';
import { STATES, flameOf, soughtFor } from './trace-flame.js';

/** `model()` is the trace, `window()` what of it is shown, and `find(text)` searches it. */
export function flamePanel({ model, window, find, say, state = 'wait' }) {
  let of = null; // the window
  let ending = null;
  const graph = flameGraph({ unit: dur, say, action: n => soughtFor(n) !== '' && h('button', { type: 'button', onclick: () => find(soughtFor(n)) }, 'Find in the lanes') });
  const title = h('h2');
  const out = h('div');
  const kinds = segments('Which time', STATES, state, s => { state = s; draw(); });
  const element = h('section', { class: 'card stack', hidden: true, 'aria-label': 'Flame graph' },
    h('div', { class: 'row' }, title, kinds, h('span', { class: 'grow' }), h('button', { type: 'button', onclick: () => { close(); opener.focus(); } }, 'Close')), graph.crumbs, out, graph.table);
  const opener = h('button', { type: 'button', onclick: async () => { await open(); focus(); } }, 'Flame graph of this time');

  /** Shows the graph of the window that is shown now. */
  async function open() {
    of = [...window()];
    element.hidden = false;
    await draw();
  }
  async function draw() {
    const m = model();
    if (!m || !of) return;
    setParams({ flame: state });
    ending?.abort();
    ending = new AbortController();
    title.textContent = `Flame graph of ${dur(of[1] - of[0])} from +${dur(of[0] - m.t0)}`;
    const stacks = await flameOf(m, state, of[0], of[1], ending.signal);
    if (!stacks) return;
    const tree = grow(stacks);
    const [, name] = STATES.find(s => s[0] === state);
    graph.table.hidden = tree.value === 0;
    if (tree.value === 0) {
      graph.show(null);
      replace(out, empty('Nothing to show', { wait: 'Nobody waited in this time, as far as the trace has seen the wait begin.', ready: 'Nobody stood runnable.', run: 'Nobody ran.' }[state]));
    } else {
      if (out.firstChild !== graph.box) replace(out, graph.box);
      graph.show(tree);
    }
    say(`${name}: ${dur(tree.value)} together in ${dur(of[1] - of[0])}`);
  }
  function close() {
    ending?.abort();
    of = null;
    element.hidden = true;
    setParams({ flame: null });
  }

  function focus() {
    element.scrollIntoView({ block: 'nearest' });
    graph.canvas.focus({ preventScroll: true });
  }

  return {
    /** `opener` is the button that opens it. */
    element, opener, open,
    /** A key for the graph, if it has the focus. */
    key: e => document.activeElement === graph.canvas && graph.key(e),
    ask: graph.ask,
    /** For another trace. */
    clear: close,
    end() {
      ending?.abort();
      graph.close();
    },
  };
}
