/*
 * The calls of the v2 API, and what may go wrong with them.
 */

import { parse } from './json.js';
import { Answer, User, member } from './model.js';
import { token } from './session.js';

export const PER_PAGE = 25;

/* Of each user in a list only what the list shows. */

const LIST_FIELDS = 'user_id,email,username,phone_number,name,picture,blocked,'
  + 'identities,last_login,user_metadata';

const ROOT = document.querySelector('meta[name=api]').content;

/*
 * kind: token (401), forbidden, missing, busy (429), backend (5xx), refused
 * (another status), unreadable (no JSON), offline (no answer).
 */

export class ApiError extends Error {
  constructor(kind, message, details) {
    super(message);
    Object.assign(this, { kind }, details);
  }
}

export async function listUsers({ page, q }, signal) {
  const query = new URLSearchParams({
    page: page - 1, per_page: PER_PAGE, include_totals: true,
    fields: LIST_FIELDS, include_fields: true,
  });

  if (q) query.set('q', `email:"${q.replace(/["\\]/g, '\\$&')}"`);

  const answer = await call('GET', `users?${query}`, { signal });
  const users = answer.get('users');

  if (!users?.items) throw unreadable('it holds no list of users');
  return {
    users: users.items.filter((item) => item.kind === 'object')
      .map((item) => new User(answer.text, item)),
    start: (page - 1) * PER_PAGE,
    total: Number(answer.textOf('total')),
  };
}

export async function readUser(id, signal) {
  return asUser(await call('GET', userPath(id), { signal }));
}

export async function updateUser(id, body) {
  return asUser(await call('PATCH', userPath(id), { body }));
}

/* An id of dots would be taken for a step in the path. */

function userPath(id) {
  if (/^\.{0,2}$/.test(id)) throw new ApiError('missing', 'No user has this id.');
  return `users/${encodeURIComponent(id)}`;
}

function asUser({ text, root }) {
  if (!member(root, 'user_id')) throw unreadable('it is no user');
  return new User(text, root);
}

async function call(method, path, { body, signal }) {
  const headers = { Accept: 'application/json' };

  if (token.get()) headers.Authorization = `Bearer ${token.get()}`;
  if (body) headers['Content-Type'] = 'application/json';

  const [response, text] = await exchange(ROOT + path, {
    method, headers, body, signal, cache: 'no-store', redirect: 'error',
  });

  if (!response.ok) throw failure(response, text);
  try {
    return new Answer(text, parse(text));
  } catch ({ message, line, column }) {
    throw unreadable(`${message} (line ${line}, column ${column})`);
  }
}

async function exchange(url, init) {
  try {
    const response = await fetch(url, init);

    return [response, await response.text()];
  } catch {
    throw new ApiError('offline', 'No answer came, or it broke off.');
  }
}

function failure({ status, statusText, headers }, text) {
  const kind = { 401: 'token', 403: 'forbidden', 404: 'missing', 429: 'busy' };
  const told = asError(text);

  return new ApiError(kind[status] ?? (status < 500 ? 'refused' : 'backend'),
    told.textOf('message') || statusText, {
      status, code: told.textOf('errorCode'), wait: headers.get('Retry-After'),
    });
}

function asError(text) {
  try {
    return new Answer(text, parse(text));
  } catch {
    return new Answer('');
  }
}

function unreadable(reason) {
  return new ApiError('unreadable', `The answer cannot be read: ${reason}.`);
}
