/* The files themselves: small, plain, and served as they should be. */

import { readFileSync, readdirSync, statSync } from 'node:fs';

import { is, like, ok } from '../../lib/tap.mjs';
import { shows } from '../lib/world.mjs';

const HTML = new URL('../../../html/', import.meta.url);
const LIMIT = 60000;

const TYPES = { html: 'text/html', css: 'text/css', js: 'text/javascript',
                svg: 'image/svg+xml' };

const POLICY = {
  'default-src': "'none'", 'script-src': "'self'", 'style-src': "'self'",
  'img-src': "'self' https:", 'connect-src': "'self'", 'base-uri': "'none'",
  'form-action': "'none'", 'frame-ancestors': "'none'",
  'require-trusted-types-for': "'script'", 'trusted-types': "'none'",
};

export default async function test(world) {
  const files = readdirSync(HTML, { recursive: true })
    .filter((file) => statSync(new URL(file, HTML)).isFile());
  const texts = files.map((file) => readFileSync(new URL(file, HTML), 'utf8'));
  const size = files.reduce((sum, file) =>
    sum + statSync(new URL(file, HTML)).size, 0);

  ok(size < LIMIT, `files: ${size} bytes in all, under ${LIMIT}`);
  ok(files.length > 10, 'files: in modules');
  is(files.filter((_, i) => /innerHTML|outerHTML|insertAdjacentHTML|eval\(/
    .test(texts[i]) || /document\.write|DOMParser|new Function/
    .test(texts[i])), [], 'files: none makes markup of text');
  is(files.filter((_, i) => /(?:src|href)="?(?:https?:)?\/\//
    .test(texts[i])), [], 'files: none names another site');

  const index = texts[files.indexOf('index.html')];

  is(index.match(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/g), null,
     'files: no script and no style in the markup');
  await served(world, files);
  await policy(world);
}

async function served(world, files) {
  for (const file of files) {
    const response = await fetch(world.page + file);
    const type = response.headers.get('content-type');

    is([response.status, type], [200, `${TYPES[file.split('.').at(-1)]}; `
      + 'charset=utf-8'], `files: ${file} is served`);
    await response.arrayBuffer();
  }

  const { status, headers } = await fetch(world.page);

  is(status, 200, 'files: the page has an address');
  is(Object.fromEntries(headers.get('content-security-policy').split('; ')
    .map((part) => part.split(/ (.*)/).slice(0, 2))), POLICY, 'files: the CSP');
  is(['referrer-policy', 'x-content-type-options', 'cache-control',
      'cross-origin-opener-policy', 'cross-origin-resource-policy']
    .map((name) => headers.get(name)),
     ['no-referrer', 'nosniff', 'no-cache', 'same-origin', 'same-origin'],
     'files: the other headers');

  const bare = await fetch(world.page.replace(/\/$/, ''),
                           { redirect: 'manual' });

  is([bare.status, bare.headers.get('location')], [301, '/profile/'],
     'files: without the slash one is led there');

  const missing = await fetch(`${world.page}missing.js`);

  is(missing.status, 404, 'files: nothing else is there');
  like(missing.headers.get('content-security-policy'), /default-src 'none'/,
       'files: under the same policy');
}

/* The policy holds, and the tests would hear of a report. */

async function policy(world) {
  const page = await world.open();

  await shows(page.locator('table.users'));
  await page.evaluate(() => {
    const script = document.createElement('script');

    try {
      script.textContent = 'window.injected = true';
    } catch { /* Trusted Types refuse it here already */ }
    document.head.append(script);

    const style = document.createElement('style');

    style.textContent = 'body { display: none }';
    document.head.append(style);
  });
  is(await page.evaluate(() => [window.injected,
    getComputedStyle(document.body).display]), [undefined, 'block'],
     'files: nothing that is injected runs or shows');
  ok(page.trouble.splice(0).some((text) => /style-src/.test(text)),
     'files: and it is reported');
  await page.end('policy');
}
