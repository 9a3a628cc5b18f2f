// Builds the lanes of a large trace without holding up the page.

import { parse, build, buffers } from './trace-model.js';

onmessage = e => {
  try {
    const m = build(parse(e.data));
    postMessage({ model: m }, buffers(m));
  } catch (x) {
    postMessage({ error: x.message });
  }
};
