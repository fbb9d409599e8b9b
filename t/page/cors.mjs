/*
 * The v2 API as a script of another origin sees it: auth0-js, unmodified, and
 * fetch(), in Chromium, as TAP:
 *
 *     PROFILE_DOMAIN=127.0.0.1:8443 PROFILE_USER='auth0|1' \
 *         PROFILE_TOKEN=... node cors.mjs ALLOWED-ORIGIN OTHER-ORIGIN
 */

import { chromium } from 'playwright-core';

import { diag, finish, is, ok, topic } from '../lib/tap.mjs';

const CHROMIUM = process.env.PROFILE_CHROMIUM || '/usr/bin/chromium';
const SDKS = ['auth0-js-9', 'auth0-js-10'];

const { PROFILE_DOMAIN: domain, PROFILE_USER: user,
        PROFILE_TOKEN: token } = process.env;
const [allowed, other] = process.argv.slice(2);

const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run',
         '--disable-background-networking', '--disable-component-update',
         '--disable-sync'],
});

/* A page of the origin, with an SDK of this directory in it. */

async function open(origin, sdk) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();

  await page.goto(`${origin}/blank`);
  if (sdk) await page.addScriptTag({ url: `${origin}/${sdk}/auth0.min.js` });
  return { page, close: () => context.close() };
}

/* What a call of auth0.Management gives its callback. */

function call(page, method, ...args) {
  return page.evaluate(([options, name, values]) =>
    new Promise((resolve) => {
      const management = new window.auth0.Management(options);

      management[name](...values, (error, result) => resolve({
        error: error && { status: error.statusCode, code: error.code,
                          text: error.description, keys: Object.keys(error) },
        result,
      }));
    }), [{ domain, token }, method, args]);
}

/* What a script may see of an answer, or the name of the error. */

function see(page, method, path, init = {}) {
  return page.evaluate(async ([url, options]) => {
    try {
      const response = await fetch(url, options);

      return { status: response.status, text: await response.text(),
               headers: Object.fromEntries(response.headers) };
    } catch (error) {
      return { error: error.name };
    }
  }, [`https://${domain}${path}`,
      { method, ...init,
        headers: { Authorization: `Bearer ${token}`, ...init.headers } }]);
}

async function management(sdk) {
  const { page, close } = await open(allowed, sdk);
  const name = `U8.1 ${sdk}`;

  const got = await call(page, 'getUser', user);

  is(got.error, null, `${name}: getUser`);
  is(got.result?.user_id, user, `${name}: getUser: the user`);

  const metadata = await call(page, 'patchUserMetadata', user, { sdk });

  is(metadata.error, null, `${name}: patchUserMetadata`);
  is(metadata.result?.user_metadata?.sdk, sdk,
     `${name}: patchUserMetadata: what was written`);

  const email = `${sdk}@example.com`;
  const patched = await call(page, 'patchUserAttributes', user, { email });

  is(patched.error, null, `${name}: patchUserAttributes`);
  is(patched.result?.email, email,
     `${name}: patchUserAttributes: what was written`);

  const linked = await call(page, 'linkUser', user, 'token');

  is(linked.error?.status, 404, `${name}: linkUser: a status to read`);
  ok(linked.error?.text, `${name}: linkUser: a message to read`,
     JSON.stringify(linked));

  const { page: stranger, close: end } = await open(other, sdk);
  const refused = await call(stranger, 'getUser', user);

  ok(refused.error && !refused.error.status && !refused.result,
     `${name}: another origin reads nothing`, JSON.stringify(refused));
  await end();
  await close();
}

async function script() {
  const { page, close } = await open(allowed);
  const path = `/api/v2/users/${encodeURIComponent(user)}`;
  const got = await see(page, 'GET', path);

  is(got.status, 200, 'U8.1 fetch: GET');
  is(got.headers?.etag, '"e"', 'U8.1 fetch: the entity tag is exposed');
  is(got.headers?.['retry-after'], '7', 'U8.1 fetch: Retry-After is exposed');
  is(got.headers?.['x-other'], undefined, 'U8.1 fetch: nothing else is');

  const patch = (headers, body) => see(page, 'PATCH', path, {
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const stale = await patch({ 'If-Match': '"stale"' }, { user_metadata: {} });

  is(stale.status, 412, 'U8.2 fetch: If-Match may be asked');
  is((await patch({}, { nope: 1 })).status, 400, 'U8.1 fetch: a refusal');
  is((await see(page, 'GET', '/api/v2/users/nobody')).status, 404,
     'U8.1 fetch: nobody');
  is((await patch({ 'X-Mine': '1' }, {})).error, 'TypeError',
     'U8.2 fetch: no other header');
  is((await see(page, 'PUT', path)).error, 'TypeError',
     'U8.2 fetch: no other method');
  is((await see(page, 'GET', path, { credentials: 'include' })).error,
     'TypeError', 'U8.1 fetch: no cookies');
  await close();

  const { page: stranger, close: end } = await open(other);

  is((await see(stranger, 'GET', path)).error, 'TypeError',
     'U8.1 fetch: another origin');
  await end();

  const { page: sandbox, close: leave } = await open(allowed);

  is(await sandbox.evaluate(([url, bearer]) => new Promise((resolve) => {
    const frame = document.createElement('iframe');
    const options = JSON.stringify({
      headers: { Authorization: `Bearer ${bearer}` },
    });

    window.addEventListener('message', ({ data }) => resolve(data));
    frame.sandbox = 'allow-scripts';
    frame.srcdoc = `<script>fetch(${JSON.stringify(url)}, ${options})
      .then((r) => r.status, (error) => error.name)
      .then((what) => parent.postMessage(what, '*'));</${''}script>`;
    document.body.append(frame);
  }), [`https://${domain}${path}`, token]), 'TypeError',
     'U8.1 fetch: a sandbox, whose origin is null');
  await leave();
}

try {
  for (const sdk of SDKS) {
    await topic(sdk, () => management(sdk));
  }
  await topic('fetch', script);
} finally {
  await browser.close();
}
diag(`Chromium ${browser.version()}`);
process.exitCode = finish();
