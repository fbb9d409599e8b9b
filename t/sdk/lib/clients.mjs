/*
 * The SDKs as they are, those of v2 behind one face: what holds for each of
 * them is said once.  What only one of them has is reached by "users".
 */

import { promisify } from 'node:util';

import LegacyClient from 'auth0-1';
import * as sdk4 from 'auth0-4';
import * as sdk6 from 'auth0-6';
import * as sdk7 from 'auth0-7';

/* 6 and 7: an error has a class for its status, where the call names it. */

class Modern {
  constructor(sdk, name, options) {
    const client = new sdk.ManagementClient({ maxRetries: 0, ...options });

    this.sdk = sdk;
    this.name = name;
    this.users = client.users;
  }

  async list(params) {
    return (await this.users.list(params)).data;
  }

  async envelope(params) {
    return (await this.users.list(params)).response;
  }

  get(id, params) { return this.users.get(id, params); }
  byEmail(params) { return this.users.listUsersByEmail(params); }
  create(body) { return this.users.create(body); }
  update(id, body) { return this.users.update(id, body); }
  remove(id) { return this.users.delete(id); }

  errorClass(name) {
    return name ? this.sdk.Management[name] : this.sdk.ManagementError;
  }

  errorBody(error) { return error.body; }

  retryAfter(error) { return error.rawResponse.headers.get('retry-after'); }
}

/* 4: one class of errors. */

class Four {
  constructor(name, options) {
    const client = new sdk4.ManagementClient({
      retry: { enabled: false }, timeoutDuration: 60000, ...options });

    this.name = name;
    this.users = client.users;
    this.emails = client.usersByEmail;
  }

  async list(params) {
    return (await this.users.getAll(params)).data;
  }

  envelope(params) {
    return this.list({ include_totals: true, ...params });
  }

  async get(id, params) {
    return (await this.users.get({ id, ...params })).data;
  }

  async byEmail(params) {
    return (await this.emails.getByEmail(params)).data;
  }

  async create(body) { return (await this.users.create(body)).data; }

  async update(id, body) {
    return (await this.users.update({ id }, body)).data;
  }

  remove(id) { return this.users.delete({ id }); }

  errorClass() { return sdk4.ManagementApiError; }

  errorBody({ statusCode, error, message, errorCode }) {
    return { statusCode, error, message, errorCode };
  }

  retryAfter(error) { return error.headers.get('retry-after'); }
}

/* Who asks for a token gets one by a call of its own. */

export function v2Clients(options) {
  return [
    new Modern(sdk7, 'auth0 7', { ...options }),
    new Modern(sdk6, 'auth0 6', { ...options }),
    new Four('auth0 4', { ...options }),
  ];
}

/* The client of v1, with promises for its callbacks. */

export function v1Client({ domain, clientId, clientSecret, token }) {
  const client = new LegacyClient({ domain, clientID: clientId, clientSecret,
                                    accessToken: token });

  return new Proxy(client, {
    get: (target, name) => promisify(target[name].bind(target)),
  });
}
