/* The calls of the v2 API, and what may go wrong with them. */

import { parse } from './json-parser.js';
import { Answer, User } from './model.js';
import { token } from './session.js';

export const PER_PAGE = 25;

const LIST_FIELDS = 'user_id,email,phone_number,username,name,picture,blocked,'
  + 'identities,last_login,user_metadata';

const ROOT = document.querySelector('meta[name=api]').content;

const KINDS = { 401: 'token', 403: 'forbidden', 404: 'missing', 429: 'busy' };

/* kind is one of STATES in states.js */

class ApiError extends Error {
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

  if (q) query.set('q', /^[^\s:"\\]+@[^\s:"\\]+$/.test(q) ? `email:"${q}"` : q);

  const answer = await call('GET', `users?${query}`, { signal });
  const users = answer.get('users')?.items;

  if (!users) throw unreadable('it holds no list of users');
  return {
    users: users.filter((item) => item.members)
      .map((item) => new User(answer.text, item)),
    total: Number(answer.textOf('total')),
    lack: answer.lack,
  };
}

export function readUser(id, signal) {
  return callUser('GET', id, { signal });
}

export function updateUser(id, body) {
  return callUser('PATCH', id, { body });
}

async function callUser(method, id, init) {
  /* dots would be taken for steps in the path */

  if (/^\.\.?$/.test(id)) throw new ApiError('missing', 'No user has this id.');

  const { text, root } = await call(method, `users/${encodeURIComponent(id)}`,
                                    init);
  const user = new User(text, root);

  if (!user.id) throw unreadable('it is no user');
  return user;
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
    return Object.assign(new Answer(text, parse(text)),
      { lack: response.headers.get('X-Profile-Unreadable') });
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
  const wait = headers.get('Retry-After');
  let told = new Answer('');

  try {
    told = new Answer(text, parse(text));
  } catch { /* no JSON: the status says it all */ }

  return new ApiError(KINDS[status] ?? (status < 500 ? 'refused' : 'backend'),
    told.textOf('message') || statusText,
    { status, wait, code: told.textOf('errorCode') });
}

function unreadable(reason) {
  return new ApiError('unreadable', `The reason: ${reason}.`);
}
