// A flame graph of a window of a trace, from its events: for how long goroutines waited, stood runnable, and ran there.

import { inSlices } from './slices.js';
import { upper, upperG, after, moreOf } from './trace-model.js';
import { NO_SITE } from './ui.js';

/** What it can be of: the states of `after`, by the name that the page's address has. */
export const STATES = [['wait', 'Waiting', 'By where goroutines were started, then where and for what they wait'], ['ready', 'Runnable', 'By where they were started, then what made them runnable'], ['run', 'Running', 'By where they were started, then what they do next']];
const READY = 1, RUN = 2, WAIT = 3;
const CODES = { ready: READY, run: RUN, wait: WAIT };
const PIECE = 100_000;
// in place of a wait's reason
const YIELDS = 0, SPAWNED = 1, ENDS = 2, UNKNOWN = 3, OTHERS = 4;
const THEN = ['then yields', '', 'then ends', 'goes on'];
const AFTER = ['after a yield', 'after its go statement', '', 'after what is not recorded'];
const NOWHERE = 'not recorded';

/**
 * Stacks for `grow`, in nanoseconds, each event counted; null if `signal` has ended it. Running time stands below the
 * wait that it ended in, runnable time below the one that it came after.
 */
export async function flameOf(m, state, a, b, signal) {
  const { t, type, arg, num, more, hasMore, code } = m;
  const wanted = CODES[state];
  const count = m.gids.length;
  const stacks = m.head.stacks?.length ?? 1, reasons = (m.head.reasons?.length ?? 0) + OTHERS;
  const key = (k, stack, reason) => ((m.siteOf[k] + 1) * stacks + stack) * reasons + reason;
  const states = new Uint8Array(count), since = new Float64Array(count);
  const wait = new Float64Array(count).fill(-1); // the last one
  const begun = new Float64Array(count); // of what began with the state: the wait, or what made it runnable
  const sums = new Map();
  const spend = (k, to, of) => {
    const ns = Math.min(to, b) - Math.max(since[k], a);
    if (ns > 0) sums.set(of, (sums.get(of) ?? 0) + ns);
  };
  const endOf = (k, ty, stack, reason) => (ty === code.park ? key(k, stack, OTHERS + reason) : key(k, 0, ty === code.yield ? YIELDS : ty === code.end ? ENDS : UNKNOWN));
  let at = 0; // in `more`
  const step = (from, to) => {
    for (let i = from; i < to; i++) {
      const ty = type[i], k = num[i];
      const own = hasMore[ty] ? more[at++] : 0;
      if (k >= count) continue;
      const was = states[k], now = after(was, ty, code);
      if (now === was && (ty === code.ready || ty === code.create)) continue;
      if (was === wanted && t[i] > a) spend(k, t[i], wanted === RUN ? endOf(k, ty, own, arg[i]) : begun[k]);
      if (ty === code.park) begun[k] = wait[k] = key(k, own, OTHERS + arg[i]);
      else if (now === READY) begun[k] = ty === code.ready && wait[k] >= 0 ? wait[k] : key(k, 0, ty === code.yield ? YIELDS : ty === code.create ? SPAWNED : UNKNOWN);
      states[k] = now;
      since[k] = t[i];
    }
  };
  // what goes on at the window's end
  const rest = (from, to) => {
    for (let k = from; k < to; k++) if (states[k] === wanted) spend(k, m.t1, wanted === RUN ? nextEnd(k) : begun[k]);
  };
  const nextEnd = k => {
    const i = upperG(m, k, b), e = m.gEvents[i];
    return i === m.gOff[k + 1] ? key(k, 0, UNKNOWN) : endOf(k, type[e], moreOf(m, e), arg[e]);
  };
  const hi = upper(t, m.n, b);
  return (await inSlices(hi, PIECE, step, signal)) && (await inSlices(count, PIECE, rest, signal)) ? written(m, state, sums, stacks, reasons) : null;
}

// the sums as stacks: labels, which are no functions, come first among the frames
function written(m, state, sums, stackCount, reasonCount) {
  const labels = new Map(), functions = new Map();
  const number = (of, name) => { if (!of.has(name)) of.set(name, of.size); return [of, of.get(name)]; };
  const label = name => number(labels, name), frame = name => number(functions, name);
  const all = [];
  for (const [key, ns] of sums) {
    const reason = key % reasonCount, rest = Math.floor(key / reasonCount);
    const stack = (m.head.stacks?.[rest % stackCount] ?? []).map(f => m.head.frames[f]);
    const site = Math.floor(rest / stackCount) - 1;
    const path = [site < 0 ? label(NO_SITE) : frame(m.head.sites[site])];
    const why = reason < OTHERS ? null : m.head.reasons[reason - OTHERS];
    if (state === 'wait') path.push(...stack.reverse().map(frame), label(why ?? NOWHERE));
    else {
      path.push(label(state === 'run' ? (why ? 'then ' + why : THEN[reason]) : why ? 'after ' + why : AFTER[reason]));
      if (stack.length) path.push(frame(stack[0]));
    }
    all.push([path, ns]);
  }
  return {
    frames: [...labels.keys(), ...functions.keys()], values: labels.size,
    stacks: all.map(([path, ns]) => [path.map(([of, i]) => (of === labels ? i : labels.size + i)), ns]),
  };
}

/** What to search for to find the goroutines of a box; '' if there is nothing. */
export function soughtFor(n) {
  if (!n.isLabel) return n.name;
  return [...THEN, ...AFTER, NO_SITE, NOWHERE].includes(n.name) ? '' : n.name.replace(/^(then|after) /, '');
}
