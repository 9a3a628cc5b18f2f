// Builds the lanes of a large trace without holding up the page.

import { parse, build } from './trace-model.js';

onmessage = e => {
  try {
    const m = build(parse(e.data));
    postMessage({ model: m }, [m.t.buffer, m.gEvents.buffer, m.num.buffer, ...m.lanes.flatMap(l => [l.start.buffer, l.end.buffer, l.g.buffer, l.event.buffer, l.last.buffer, l.sum.buffer])]);
  } catch (x) {
    postMessage({ error: x.message });
  }
};
