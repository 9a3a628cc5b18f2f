// Screenshots of every page, to be looked at: dark and light, narrow, usual and very wide.
//
//   node shots.mjs DIR [--browser=firefox] [--url=URL | --program=FILE] [--themes=dark,light] [--widths=320,1280,3840] [--pages=scheduler,…]

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cleanUp, openBrowser, resize, startProgram } from './lib.mjs';

const { values: o, positionals: [dir = 'shots'] } = parseArgs({
  allowPositionals: true,
  options: {
    browser: { type: 'string', default: 'chromium' }, url: { type: 'string' }, program: { type: 'string', default: 'examples/Trouble.java' },
    themes: { type: 'string', default: 'dark,light' }, widths: { type: 'string', default: '320,1280,3840' },
    pages: { type: 'string', default: 'scheduler,goroutines,goroutine?id=2,channels,graph,issues,leaks,flame?s=1,trace,metrics,learn?step=4' },
    wait: { type: 'string', default: '2500' },
  },
});
try {
  const url = o.url ?? (await startProgram(o.program)).url;
  mkdirSync(dir, { recursive: true });
  for (const theme of o.themes.split(',')) {
    const browser = await openBrowser(o.browser, { scheme: theme });
    const page = await browser.newPage();
    for (const width of o.widths.split(',').map(Number)) {
      await resize(page, width, width > 2000 ? 2160 : width < 500 ? 900 : 860);
      for (const name of o.pages.split(',')) {
        await page.goto('about:blank');
        await page.goto(url + '#/' + name);
        await page.evaluate(t => { localStorage.setItem('jenny.theme', t); }, theme);
        await page.reload();
        await new Promise(done => setTimeout(done, Number(o.wait)));
        const file = join(dir, `${name.replace(/\W.*/, '')}-${theme}-${width}${o.browser === 'firefox' ? '-ff' : ''}.png`);
        await page.screenshot({ path: file, fullPage: true });
        console.log(file);
      }
    }
    await browser.close();
  }
} finally {
  await cleanUp();
}
