// draft
import { chromium } from 'playwright-core';
import fs from 'node:fs';
const out = process.argv[2] ?? '/tmp/shots'; fs.mkdirSync(out, { recursive: true });
const base = process.env.PROFILE_URL ?? 'http://127.0.0.1:18080';
const res = await fetch(base + '/oauth/token', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"client_id":"a","client_secret":"b","grant_type":"client_credentials"}' });
const { access_token } = await res.json();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
const views = { list: '#/users', identity: '#/users/github%7C4242', provider: '#/users/github%7C4242/provider', metadata: '#/users/github%7C4242/metadata', raw: '#/users/github%7C4242/raw', greta: '#/users/facebook%7C100200301', gretap: '#/users/facebook%7C100200301/provider', sam: '#/users/google-oauth2%7C103547991500000000002/provider', fb: '#/users/facebook%7C100200300/provider', token: '#/token', missing: '#/users/nobody' };
const only = process.argv.slice(3);
for (const scheme of ['light', 'dark']) for (const width of [360, 1280, 2000]) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  page.on('console', (m) => console.log(scheme, width, m.type(), m.text()));
  page.on('pageerror', (e) => console.log('pageerror', e.stack));
  await page.addInitScript((t) => sessionStorage.setItem('profile.token', t), access_token);
  for (const [name, hash] of Object.entries(views)) {
    if (only.length && !only.includes(`${name}-${scheme}-${width}`) && !only.includes(name)) continue;
    
    await page.goto(`${base}/profile/?${name}${hash}`);
    await page.waitForSelector('h1, .failure');
    await page.waitForTimeout(200);
    await page.screenshot({ path: `${out}/${name}-${scheme}-${width}.png`, fullPage: width !== 2000 });
  }
  await context.close();
}
await browser.close();
