// A request that a page makes again and again.

import { store } from './store.js';

/**
 * Calls `ask(signal)` every so many milliseconds while the page is live, seen, and `may()`. It fetches and draws; if the
 * signal is aborted meanwhile it draws nothing. One request is out at a time, however slow the program answers.
 */
export function poll(millis, ask, may = () => true) {
  let out = null;
  let again = false;
  async function run() {
    const mine = new AbortController();
    out = mine;
    again = false;
    try {
      await ask(mine.signal);
    } finally {
      if (out === mine) {
        out = null;
        if (again) run();
      }
    }
  }
  const timer = setInterval(() => { if (!out && store.live && !document.hidden && may()) run(); }, millis);
  return {
    /** What is asked for is another: the answer that is on its way is of no use. */
    now() {
      out?.abort();
      run();
    },
    /** The moment has moved: asks again once the answer is there that is on its way. */
    soon() {
      if (out) again = true;
      else run();
    },
    close() {
      clearInterval(timer);
      out?.abort();
      out = null;
    },
  };
}
