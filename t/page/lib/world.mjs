/*
 * The browser, and the API beside it: what a test needs it makes here, and
 * what it made is taken away at the end.
 */

import { chromium } from 'playwright-core';

import { is } from '../../lib/tap.mjs';

const CHROMIUM = process.env.PROFILE_CHROMIUM || '/usr/bin/chromium';
const TIMEOUT = 30000 * (process.env.PROFILE_PATIENCE || 1);
const DATABASE = 'Username-Password-Authentication';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic',
               '--no-first-run', '--disable-background-networking',
               '--disable-component-update', '--disable-sync'];

/* Chromium reports each answer above 399 as an error of its own. */

const ANSWER = /Failed to load resource: the server responded with a status/;

export class World {
  constructor(url) {
    this.url = url.replace(/\/$/, '');
    this.page = `${this.url}/profile/`;
    this.users = [];
  }

  /* Any token does where the backend gives none. */

  async start(token) {
    this.token = token ?? await this.issue();
    this.browser = await chromium.launch({ executablePath: CHROMIUM,
                                           args: FLAGS });
  }

  async issue() {
    const { json } = await this.call('POST', '/oauth/token', {
      client_id: 'page', client_secret: 'page',
      grant_type: 'client_credentials',
    });

    return json.access_token;
  }

  async stop() {
    for (const id of this.users) {
      await this.call('DELETE', userPath(id));
    }
    await this.browser.close();
  }

  async call(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...this.token && { Authorization: `Bearer ${this.token}` },
        ...body !== undefined && { 'Content-Type': 'application/json' },
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();

    if (response.status >= 300) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    }
    return { text, json: text && JSON.parse(text) };
  }

  /* A user of the database; metadata as objects or as JSON text. */

  async user({ metadata, ...root } = {}) {
    const { json } = await this.call('POST', '/api/v2/users', {
      connection: DATABASE, password: 'correct horse battery',
      email: `page-${this.users.length}-${process.pid}@example.com`, ...root,
    });

    this.users.push(json.user_id);
    if (metadata) await this.patch(json.user_id, metadata);
    return { id: json.user_id, email: json.email };
  }

  patch(id, body) {
    return this.call('PATCH', userPath(id), body);
  }

  async read(id) {
    return (await this.call('GET', userPath(id))).text;
  }

  /*
   * Opens a view in a context of its own.  Each ends with close(), which
   * asserts that nothing went wrong there unseen.
   */

  async open(hash = '#/users', { token = this.token, ...options } = {}) {
    const context = await this.browser.newContext({
      viewport: { width: 1280, height: 800 }, ...options,
    });
    const page = await context.newPage();

    page.setDefaultTimeout(TIMEOUT);

    const trouble = [];
    const requests = [];

    page.on('console', (message) => {
      const text = message.text();

      if (/error|warning/.test(message.type()) && !ANSWER.test(text)) {
        trouble.push(text);
      }
    });
    page.on('pageerror', (error) => trouble.push(error.stack));
    page.on('dialog', (dialog) => {
      trouble.push(`dialog: ${dialog.message()}`);
      dialog.accept();
    });
    page.on('request', (request) => requests.push(request));
    await page.exposeFunction('reportViolation', (text) => trouble.push(text));
    await page.addInitScript((value) => {
      document.addEventListener('securitypolicyviolation', (event) =>
        window.reportViolation(`${event.violatedDirective} `
                               + event.blockedURI));
      if (value && !sessionStorage.getItem('profile.visited')) {
        sessionStorage.setItem('profile.token', value);
      }
      sessionStorage.setItem('profile.visited', 'yes');
    }, token);
    await page.goto(this.page + hash);

    return Object.assign(page, {
      trouble, requests,
      end: async (name) => {
        is(trouble, [], `${name}: no error, no report of the CSP`);
        await context.close();
      },
    });
  }

  openUser(id, part, options) {
    return this.open(userHash(id, part), options);
  }
}

export function userHash(id, part) {
  return `#/users/${encodeURIComponent(id)}${part ? `/${part}` : ''}`;
}

function userPath(id) {
  return `/api/v2/users/${encodeURIComponent(id)}`;
}

/* The requests of writes that a page made: their bodies. */

export function writes(page) {
  return page.requests.filter((request) => request.method() === 'PATCH')
    .map((request) => request.postData());
}

/* One panel of the metadata part. */

export function panel(page, container) {
  const section = page.locator('section.card.metadata')
    .filter({ has: page.locator(`textarea[aria-label^="${container}"]`) });

  return {
    section,
    area: section.locator('textarea'),
    state: section.locator('.editor-state'),
    save: section.getByRole('button', { name: /^Save/ }),
    discard: section.getByRole('button', { name: /^Discard/ }),
    saved: section.getByText('Saved', { exact: true }),
    text: () => section.locator('textarea').inputValue(),
    value: async () => JSON.parse(
      await section.locator('textarea').inputValue()),
  };
}

/* Answers requests for the API in place of the gateway. */

export function answer(page, method, status, body, headers = {}) {
  return page.route('**/api/v2/**', (route) =>
    route.request().method() === method ? route.fulfill({
      status, headers, contentType: 'application/json',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }) : route.fallback());
}

export function v2error(status, message, errorCode) {
  return { statusCode: status, error: 'Error', message, errorCode };
}

/* Waits until the page says so. */

export async function shows(locator) {
  await locator.first().waitFor();
  return true;
}

export async function until(condition) {
  const deadline = Date.now() + TIMEOUT;

  while (Date.now() < deadline) {
    const value = await condition();

    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}
