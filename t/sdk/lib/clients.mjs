/*
 * The SDKs as they are, those of v2 behind one face: what holds for each of
 * them is said once.  What only one of them has is reached by "users".
 */

import { promisify } from 'node:util';

import LegacyClient from 'auth0-1';
import sdk2 from 'auth0-2';
import errors2 from 'auth0-2/src/errors.js';
import sdk3 from 'auth0-3';
import errors3 from 'auth0-3/src/errors.js';
import * as sdk4 from 'auth0-4';
import * as sdk5 from 'auth0-5';
import * as sdk6 from 'auth0-6';
import * as sdk7 from 'auth0-7';

/* 5, 6 and 7: an error has a class for its status, where the call names it. */

class Modern {
  constructor(sdk, name, options) {
    const client = new sdk.ManagementClient({ maxRetries: 0, ...options });

    this.sdk = sdk;
    this.name = name;
    this.client = client;
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

  async logs(id, params) {
    return (await this.users.logs.list(id, params)).data;
  }

  passwordTicket(body) { return this.client.tickets.changePassword(body); }
  emailTicket(body) { return this.client.tickets.verifyEmail(body); }
  mail(body) { return this.client.jobs.verificationEmail.create(body); }

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
    this.client = client;
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

  async logs(id, params) {
    return (await this.users.getLogs({ id, ...params })).data;
  }

  async passwordTicket(body) {
    return (await this.client.tickets.changePassword(body)).data;
  }

  async emailTicket(body) {
    return (await this.client.tickets.verifyEmail(body)).data;
  }

  async mail(body) { return (await this.client.jobs.verifyEmail(body)).data; }

  errorClass() { return sdk4.ManagementApiError; }

  errorBody({ statusCode, error, message, errorCode }) {
    return { statusCode, error, message, errorCode };
  }

  retryAfter(error) { return error.headers.get('retry-after'); }
}

/*
 * 2 and 3: one class of errors, which have what the server has said inside, and
 * no call without an id leaves the client.
 */

class Old {
  constructor(sdk, errors, name, { token, clientId, clientSecret, domain }) {
    this.errors = errors;
    this.name = name;
    this.users = new sdk.ManagementClient({
      domain, retry: { enabled: false },
      ...token ? { token } : { clientId, clientSecret },
    });
  }

  list(params) { return this.users.getUsers(params ?? {}); }

  envelope(params) {
    return this.list({ include_totals: true, ...params });
  }

  get(id, params) { return this.users.getUser({ id, ...params }); }

  byEmail({ email, ...params }) {
    return this.users.users.usersByEmail.getAll({ email, ...params });
  }

  create(body) { return this.users.createUser(body); }
  update(id, body) { return this.users.updateUser({ id }, body); }
  remove(id) { return this.users.deleteUser({ id }); }
  logs(id, params) { return this.users.getUserLogs({ id, ...params }); }
  passwordTicket(body) { return this.users.createPasswordChangeTicket(body); }
  emailTicket(body) { return this.users.createEmailVerificationTicket(body); }
  mail(body) { return this.users.sendEmailVerification(body); }

  errorClass() { return this.errors.SanitizedError; }

  errorBody(error) { return error.originalError.response.body; }

  retryAfter(error) {
    return error.originalError.response.headers['retry-after'];
  }
}

/* Who asks for a token gets one by a call of its own. */

export function v2Clients(options) {
  return [
    new Modern(sdk7, 'auth0 7', { ...options }),
    new Modern(sdk6, 'auth0 6', { ...options }),
    new Four('auth0 4', { ...options }),
    new Modern(sdk5, 'auth0 5', { ...options }),
    new Old(sdk3, errors3, 'auth0 3', { ...options }),
    new Old(sdk2, errors2, 'auth0 2', { ...options }),
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
