/*
 * One URL as v1, as v2, and again, with the cache of a real browser between
 * them, as TAP:
 *
 *     PROFILE_URL=http://127.0.0.1:8080 node tags.mjs PATH...
 */

import { chromium } from 'playwright-core';

import { diag, finish, is, ok, topic } from '../lib/tap.mjs';

const CHROMIUM = process.env.PROFILE_CHROMIUM || '/usr/bin/chromium';
const V1 = 'application/json';
const V2 = 'application/json;profile=v2';

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run',
         '--disable-background-networking', '--disable-component-update',
         '--disable-sync'],
});

async function ask(page, path, accept) {
  return page.evaluate(async ([url, type]) => {
    const response = await fetch(url, { headers: { Accept: type } });

    return { status: response.status, text: await response.text() };
  }, [path, accept]);
}

async function sequence(path, kinds) {
  const context = await browser.newContext();
  const page = await context.newPage();

  await page.goto(`${process.env.PROFILE_URL}/blank`);

  for (const [n, accept] of kinds.entries()) {
    const { status, text } = await ask(page, path, accept);
    const name = `H2.6 ${path}, ${n + 1}: ${accept}`;

    is(status, 200, `${name}: status`);
    if (accept === V2) {
      ok(text.includes('"user_metadata"'), `${name}: is v2`, text);
      ok(!text.includes('access_token'), `${name}: no token`, text);
    } else {
      ok(text.includes('access_token'), `${name}: is v1`, text);
      ok(!text.includes('"user_metadata"'), `${name}: no v2`, text);
    }
  }
  await context.close();
}

try {
  for (const path of process.argv.slice(2)) {
    await topic(path, async () => {
      if (path.startsWith('/v2/')) {
        await sequence(`${path}?1`, [V2, V2]);
        return;
      }
      await sequence(`${path}?1`, [V1, V2, V2, V1, V1, V2]);
      await sequence(`${path}?2`, [V2, V1, V1, V2, V2, V1]);
    });
  }
} finally {
  await browser.close();
}
diag(`Chromium ${browser.version()}`);
process.exitCode = finish();
