// Takes the pictures of docs/img anew.
//
//   node pictures.mjs [DIR]        (docs/img)

import { join } from 'node:path';
import { cleanUp, openBrowser, root, startLessons, startProgram } from './lib.mjs';

const dir = process.argv[2] ?? join(root, 'docs/img');
let browser;

/** One picture: `ready` is true of the page once it shows what the picture is of. */
async function take(name, url, hash, height, ready, rest = 0) {
  const page = await browser.newPage();
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
  await page.setViewport({ width: 1200, height });
  await page.goto(`${url}#/${hash}`);
  await page.waitForFunction(ready, { timeout: 60_000 });
  await new Promise(done => setTimeout(done, rest)); // for a live page to have some past to show
  await page.screenshot({ path: join(dir, name) });
  await page.close();
  console.log(join(dir, name));
}

try {
  browser = await openBrowser('chromium');
  let program = await startProgram('verify/browser/Orders.java', { ready: 'ready', options: ['--gomaxprocs=4'] });
  await take('dashboard-scheduler.png', program.url, 'scheduler', 760, () => document.querySelector('.live')?.innerText === 'Live', 12_000);
  await program.stop();

  program = await startProgram('examples/Trouble.java', { ready: 'ready, pid', options: ['--gomaxprocs=2'] });
  await take('dashboard-graph.png', program.url, 'graph', 900, () => document.querySelector('.proof') !== null, 4_000);
  await take('dashboard-tree.png', program.url, 'goroutines?view=tree', 600, () => document.querySelector('.tree li li') !== null, 1_000);
  await program.stop();

  program = await startLessons();
  await take('dashboard-lesson.png', program.url, 'learn?demo=steal', 1000, () => {
    if (!document.querySelector('main')?.innerText.includes('Ran just now')) return false;
    const step = /step (\d+) of (\d+)/.exec(document.querySelector('main').innerText) ?? [];
    if (Number(step[1]) > 8 && /steals/.test(document.querySelector('.say').innerText)) return true;
    // not every run has a steal
    const label = step[1] && step[1] === step[2] ? 'Run it again' : '▸';
    [...document.querySelectorAll('.lesson button')].find(b => b.innerText.trim() === label && !b.disabled)?.click();
    return false;
  }, 500);
} finally {
  await cleanUp();
}
