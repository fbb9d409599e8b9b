/* The clients, what the backend was asked, and users to try things on. */

import { readFileSync } from 'node:fs';

import { v1Client, v2Clients } from './clients.mjs';

export const DATABASE = 'Username-Password-Authentication';

const CREDENTIALS = { clientId: 'sdk', clientSecret: 'secret' };

export class World {
  constructor() {
    this.domain = process.env.PROFILE_DOMAIN;
    this.broken = process.env.PROFILE_BROKEN_DOMAIN;
    this.slow = process.env.PROFILE_SLOW_DOMAIN;
    this.sdks = v2Clients({ domain: this.domain, ...CREDENTIALS });
    this.v1 = v1Client({ domain: this.domain, ...CREDENTIALS });
    this.seen = 0;
    this.made = 0;
  }

  async start() {
    this.token = await this.v1.getAccessToken();
  }

  /* What no SDK shows: the bytes. */

  async raw(method, path, body) {
    const response = await fetch(`https://${this.domain}${path}`, {
      method, body,
      headers: {
        Authorization: `Bearer ${this.token}`,
        ...body && { 'Content-Type': 'application/json' },
      },
    });

    return { status: response.status, text: await response.text() };
  }

  /* All users as v1 lists them, in its order. */

  async all() {
    const users = [];

    for (let page = 0; page * 100 === users.length; page++) {
      const { text } = await this.raw('GET', `/api/users?page=${page}`);

      users.push(...JSON.parse(text));
    }
    return users;
  }

  /* Requests that reached the backend since the last time. */

  asked() {
    const lines = readFileSync(process.env.PROFILE_REQUESTS, 'utf8')
      .trimEnd().split('\n');
    const requests = lines.slice(this.seen).map((line) => JSON.parse(line))
      .filter(({ target }) => target !== '/oauth/token');

    this.seen = lines.length;
    return requests;
  }

  /* The same, a line each; in the log a character is a byte. */

  calls() {
    return this.asked().map(({ method, target, body }) =>
      `${method} ${target}`
      + `${body && ` ${Buffer.from(body, 'latin1').toString()}`}`);
  }

  address() {
    return `sdk-${++this.made}@example.com`;
  }

  /* A new user of the database; it came into being through v1. */

  user(metadata) {
    return this.v1.createUser({
      connection: DATABASE, email: this.address(), password: 'secret-1',
      ...metadata,
    });
  }
}

/* The path of a user behind "/api/users/". */

export function segment(id) {
  return encodeURIComponent(id);
}

/* The error with which this ends, or undefined. */

export async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return undefined;
}
