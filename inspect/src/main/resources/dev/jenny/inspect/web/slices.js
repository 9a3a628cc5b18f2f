// Work on millions of events in the page itself, which goes on meanwhile.

const SLICE = 8; // ms

/**
 * Calls `step(from, to)` for 0 to n, `piece` at a time, and lets the page draw every few milliseconds. False if
 * `signal` has ended it before.
 */
export async function inSlices(n, piece, step, signal) {
  let began = performance.now();
  for (let i = 0; i < n; i += piece) {
    step(i, Math.min(n, i + piece));
    if (performance.now() - began < SLICE) continue;
    await new Promise(done => setTimeout(done));
    if (signal?.aborted) return false;
    began = performance.now();
  }
  return !signal?.aborted;
}
