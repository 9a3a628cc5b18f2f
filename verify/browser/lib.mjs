// Starting programs with their dashboard, and browsers that look at it.

import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';

export const root = fileURLToPath(new URL('../..', import.meta.url));

const NAMES = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
  firefox: ['firefox-esr', 'firefox'],
};

/** The path of an installed browser; null if there is none. CHROMIUM and FIREFOX in the environment name one. */
export function findBrowser(name) {
  const named = process.env[name.toUpperCase()];
  const places = named ? [named] : (process.env.PATH ?? '').split(delimiter).flatMap(d => NAMES[name].map(n => join(d, n)));
  return places.find(f => {
    try {
      accessSync(f, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  }) ?? null;
}

const cleanups = [];
export async function cleanUp() {
  for (const f of cleanups.splice(0).reverse()) await f();
}

/** A folder that goes when the script ends. */
export function scratch(name) {
  const dir = mkdtempSync(join(tmpdir(), `jenny-browser-${name}-`));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  return dir;
}

/** Starts a browser. It talks to the loopback address only: everything else goes to a proxy that does not exist. */
export async function openBrowser(name, { scheme = 'dark' } = {}) {
  const common = { executablePath: findBrowser(name), headless: true, userDataDir: scratch(name), defaultViewport: null, timeout: 60_000, protocolTimeout: 120_000 };
  const browser = name === 'firefox'
    ? await puppeteer.launch({
      ...common, browser: 'firefox', args: ['--width=1280', '--height=900'],
      extraPrefsFirefox: {
        'layout.css.prefers-color-scheme.content-override': scheme === 'dark' ? 0 : 1,
        'app.normandy.enabled': false, 'app.update.auto': false, 'browser.safebrowsing.downloads.enabled': false, 'browser.safebrowsing.malware.enabled': false,
        'browser.safebrowsing.phishing.enabled': false, 'datareporting.healthreport.uploadEnabled': false, 'extensions.update.enabled': false,
        'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false, 'network.prefetch-next': false,
        'services.settings.server': 'http://127.0.0.1:1', 'toolkit.telemetry.enabled': false,
      },
    })
    : await puppeteer.launch({
      ...common, browser: 'chrome',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
        '--disable-default-apps', '--disable-extensions', '--window-size=1280,900', '--proxy-server=http://127.0.0.1:1', '--proxy-bypass-list=127.0.0.1'],
    });
  cleanups.push(() => browser.close().catch(() => {}));
  return browser;
}

/**
 * Starts ./jenny with these arguments and waits for what `until` finds in its output.
 * {@link child} is the process, {@link said()} all of its output so far.
 */
export async function startJenny(args, until) {
  const child = spawn(join(root, 'jenny'), args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: root });
  let out = '';
  let changed = () => {};
  const more = d => {
    out += d;
    changed();
  };
  child.stdout.on('data', more);
  child.stderr.on('data', more);
  let ended = false;
  let stopped = false;
  let found = null;
  child.on('exit', (code, signal) => {
    ended = true;
    if (found && !stopped) console.log(`jenny ${args.join(' ')} ended by itself, ${signal ?? 'exit code ' + code}, having said:\n${out.slice(0, 4000)} … ${out.slice(-4000)}`);
    changed();
  });
  const gone = new Promise(done => child.on('exit', done));
  const stop = async () => {
    stopped = true;
    child.kill('SIGTERM');
    await gone;
  };
  cleanups.push(stop);
  const limit = AbortSignal.timeout(180_000);
  limit.onabort = () => changed();
  for (;;) {
    found = until(out);
    if (found) return { child, found, said: () => out, stop };
    if (ended || limit.aborted) throw new Error(`jenny ${args.join(' ')} ${ended ? 'ended' : 'said nothing of it for three minutes'}:\n${out}`);
    await new Promise(done => { changed = done; });
  }
}

/** Starts a program with --inspect; resolves to its dashboard's URL when `ready` is in its output as well. */
export async function startProgram(file, { ready = '', options = [] } = {}) {
  const p = await startJenny(['run', ...options, '--inspect', file], out => out.includes(ready) && /jenny: inspect at (http:\S+)/.exec(out));
  return { ...p, url: p.found[1] };
}

/** Starts the lessons. */
export async function startLessons() {
  const p = await startJenny(['demo', '--no-open'], out => /(http:\/\/127\.0\.0\.1:\S+)/.exec(out));
  return { ...p, url: p.found[1].replace(/#.*$/, '') };
}

/** Sets the size of `page`. Firefox 140 sets it, and then does not know which way up it is held, which nobody here asks. */
export async function resize(page, width, height) {
  await page.setViewport({ width, height }).catch(e => {
    if (!/setScreenOrientationOverride/.test(e.message)) throw e;
  });
}
