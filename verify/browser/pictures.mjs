// Takes the pictures of docs/img anew.
//
//   node pictures.mjs [DIR] [--tries=5] [--wait=120]        (docs/img)
//
// On a busy machine the dashboard says at its top how much it has dropped. That is no picture for the docs, and hiding it
// would be a lie: the script waits for a calm moment, WAIT seconds at most, and takes the pictures of a program again, from
// its start on, until none shows that tag. After so many TRIES it gives up, leaves the old pictures, and ends with 1.

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cleanUp, openBrowser, resize, root, startLessons, startProgram } from './lib.mjs';

const { values: o, positionals: [dir = join(root, 'docs/img')] } = parseArgs({
  allowPositionals: true, options: { tries: { type: 'string', default: '5' }, wait: { type: 'string', default: '120' } },
});
const sleep = ms => new Promise(done => setTimeout(done, ms));
let browser;

/** Waits until at least half of the machine has been idle for three seconds. */
async function calm() {
  const times = () => cpus().reduce((a, { times: t }) => ({ idle: a.idle + t.idle, all: a.all + t.user + t.nice + t.sys + t.irq + t.idle }), { idle: 0, all: 0 });
  const end = performance.now() + Number(o.wait) * 1000;
  let said = false;
  for (;;) {
    const before = times();
    await sleep(3000);
    const after = times();
    const busy = 1 - (after.idle - before.idle) / (after.all - before.all);
    if (busy <= 0.5) return;
    if (performance.now() > end) {
      console.log(`the machine has not been calm for ${o.wait} s: trying all the same`);
      return;
    }
    if (!said) console.log(`waiting for a calm moment: ${Math.round(busy * 100)} % of the CPUs are busy`);
    said = true;
  }
}

/** One picture: `ready` is true of the page once it shows what the picture is of. */
async function take(url, { hash, height, ready, rest }) {
  const page = await browser.newPage();
  try {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    await resize(page, 1200, height);
    await page.goto(`${url}#/${hash}`);
    await page.waitForFunction(ready, { timeout: 60_000 });
    await sleep(rest); // for a live page to have some past to show
    const png = await page.screenshot();
    // The count only grows: if it is not there now, it is not in the picture.
    const dropped = await page.evaluate(() => [...document.querySelectorAll('#health .tag')].map(t => t.innerText).find(t => t.includes('dropped')));
    return { png, dropped };
  } finally {
    await page.close();
  }
}

/** All pictures of one program, none of which shows that something was dropped; a new start of it counts from zero. */
async function pictures(start, ...wanted) {
  for (let i = 1; i <= Number(o.tries); i++) {
    await calm();
    const program = await start();
    const taken = [];
    try {
      for (const w of wanted) {
        taken.push({ ...w, ...await take(program.url, w) });
        if (taken.at(-1).dropped) break;
      }
    } finally {
      await program.stop();
    }
    const bad = taken.find(t => t.dropped);
    if (!bad) {
      for (const t of taken) {
        writeFileSync(join(dir, t.name), t.png);
        console.log(join(dir, t.name));
      }
      return;
    }
    console.log(`${bad.name} shows "${bad.dropped}": try ${i} of ${o.tries}`);
  }
  console.log(`LEFT AS THEY ARE: ${wanted.map(w => w.name).join(', ')}. Try again when the machine has less to do.`);
  process.exitCode = 1;
}

try {
  browser = await openBrowser('chromium');
  await pictures(() => startProgram('verify/browser/Orders.java', { ready: 'ready', options: ['--gomaxprocs=4'] }),
    { name: 'dashboard-scheduler.png', hash: 'scheduler', height: 760, rest: 12_000, ready: () => document.querySelector('.live')?.innerText === 'Live' });

  await pictures(() => startProgram('examples/Trouble.java', { ready: 'ready, pid', options: ['--gomaxprocs=2'] }),
    { name: 'dashboard-graph.png', hash: 'graph', height: 900, rest: 4_000, ready: () => document.querySelector('.proof') !== null },
    { name: 'dashboard-tree.png', hash: 'goroutines?view=tree', height: 600, rest: 1_000, ready: () => document.querySelector('.tree li li') !== null });

  await pictures(startLessons,
    { name: 'dashboard-lesson.png', hash: 'learn?demo=steal', height: 1000, rest: 500, ready: () => {
      if (!document.querySelector('main')?.innerText.includes('Ran just now')) return false;
      const step = /step (\d+) of (\d+)/.exec(document.querySelector('main').innerText) ?? [];
      if (Number(step[1]) > 8 && /steals/.test(document.querySelector('.say').innerText)) return true;
      // not every run has a steal
      const label = step[1] && step[1] === step[2] ? 'Run it again' : '▸';
      [...document.querySelectorAll('.lesson button')].find(b => b.innerText.trim() === label && !b.disabled)?.click();
      return false;
    } });
} finally {
  await cleanUp();
}
