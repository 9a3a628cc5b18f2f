// How fluid the trace viewer is with ten million events: loads them, and measures the time between frames while keys are
// pressed and the mouse is moved. Prints a Markdown table. Only on a quiet machine do the figures mean anything.
//
//   node fluid.mjs [--frames=120]

import { parseArgs } from 'node:util';
import { cleanUp, findBrowser, openBrowser, resize, startProgram } from './lib.mjs';

const { values: o } = parseArgs({ options: { frames: { type: 'string', default: '120' } } });
const N = Number(o.frames);
const canvas = 'canvas[role=application]';

/** Does `step(i)` in each of N frames; gives the times between them in ms. */
async function frames(page, step) {
  const began = page.evaluate(n => new Promise(done => {
    const times = [];
    const next = t => {
      times.push(t);
      if (times.length > n) done(times.slice(1).map((x, i) => x - times[i]));
      else requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  }), N);
  let over = false;
  began.finally(() => { over = true; });
  for (let i = 0; !over; i++) await step(i);
  return (await began).sort((a, b) => a - b);
}

const ms = x => `${x.toFixed(0)} ms`;
const row = (what, f) => console.log(`| ${what} | ${ms(f[f.length >> 1])}, ${ms(f[Math.floor(f.length * 0.95)])}, ${ms(f.at(-1))} |`);

try {
  if (!findBrowser('chromium')) throw new Error('no Chromium: install it, or name it in CHROMIUM');
  const program = await startProgram('verify/browser/Events.java', { ready: 'ready', options: ['--gomaxprocs=2', '-J-Djenny.traceMegabytes=128', '--flight=mb=128,seconds=600,on=panic'] });
  const page = await (await openBrowser('chromium')).newPage();
  await resize(page, 1440, 900);
  await page.evaluateOnNewDocument(() => {
    window.long = [];
    new PerformanceObserver(list => window.long.push(...list.getEntries().map(e => e.duration))).observe({ type: 'longtask' });
  });
  const began = performance.now();
  await page.goto(`${program.url}#/trace?s=60`);
  const said = await (await page.waitForFunction(() => {
    const t = document.querySelector('main [role=status]')?.innerText ?? '';
    return /[\d,]+ events/.test(t) && t;
  }, { timeout: 300_000 })).jsonValue();
  console.log(`${said}; page opened ${((performance.now() - began) / 1000).toFixed(1)} s before\n`);
  console.log('| time between frames | median, p95, longest |\n|---|---|');
  await page.focus(canvas);
  const press = (...keys) => async i => { await page.keyboard.press(keys[i % keys.length]); };
  await page.evaluate(() => { window.long.length = 0; });
  await page.keyboard.press('f');
  row('all in view, a step to the side and back in each frame', await frames(page, press('w', 'd', 's', 'a')));
  for (let zoom = 0; zoom < 4; zoom++) {
    for (let i = 0; i < 6; i++) await page.keyboard.press('w');
    row(`the same, zoomed in ${6 * (zoom + 1)} times`, await frames(page, press('d', 'a')));
  }
  await page.keyboard.press('f');
  const box = await (await page.$(canvas)).boundingBox();
  const at = i => [box.x + box.width * (0.2 + 0.6 * Math.abs(((i % 100) - 50) / 50)), box.y + Math.min(box.height, 400) / 2];
  row('the mouse over the lanes, with tips', await frames(page, async i => { await page.mouse.move(...at(i)); }));
  await page.mouse.down();
  row('a drag', await frames(page, async i => { await page.mouse.move(...at(i)); }));
  await page.mouse.up();
  row('the wheel', await frames(page, async i => { await page.mouse.wheel({ deltaY: i % 20 < 10 ? -100 : 100 }); }));
  const { long, heap } = await page.evaluate(() => ({ long: window.long, heap: performance.memory?.usedJSHeapSize ?? 0 }));
  console.log(`\ntasks of more than 50 ms meanwhile: ${long.length}${long.length ? `, the longest ${ms(Math.max(...long))}` : ''}; JavaScript heap: ${(heap / 1e6).toFixed(0)} MB`);
} finally {
  await cleanUp();
}
