/* The client of v1 notices nothing: every call of its for users. */

import { is, like, ok } from '../../lib/tap.mjs';
import { v1Client } from '../lib/clients.mjs';
import { DATABASE, failure, segment } from '../lib/world.mjs';

export default async function test(world) {
  await lists(world);
  await user(world);
  await metadata(world);
  await errors(world);
  await rest(world);
}

async function lists({ v1, ...world }) {
  const all = await v1.getUsers();
  const ids = all.map(({ user_id: id }) => id);

  is(all.length, 100, 'v1: 100 users');
  ok(all.every((entry) => '_id' in entry || !('last_login' in entry)),
     'v1: as v1 has them');

  /* An absolute URL, which is asked for without a token. */

  like(all.nextPageLink, new RegExp(`^https://${world.domain}/api/users\\?`),
       'v1: the link to the next page leads back here');
  ok((await v1.getUsers({ page: all.nextPageLink }))
    .every((entry) => !ids.includes(entry.user_id)), 'v1: and has others');

  const few = await v1.getUsers({ perPage: 3, connection: 'facebook' });

  is(few.map((entry) => entry.identities[0].connection),
     Array(3).fill('facebook'), 'v1: of a connection');
  is((await v1.getUsers({ page: few.nextPageLink })).length, 3,
     'v1: the next page of a connection');
  ok((await v1.getSocialUsers({ per_page: 20 }))
    .every((entry) => entry.identities[0].isSocial), 'v1: social users');
  ok((await v1.getEnterpriseUsers({ per_page: 20 }))
    .every((entry) => /^(?:ad|adfs|samlp|waad)\|/.test(entry.user_id)),
     'v1: enterprise users');
  is((await v1.getUserBySearch('email:%22ken@corp.example%22'))
    .map(({ user_id: id }) => id), ['ad|corp/eu|ken'], 'v1: a search');
}

async function user(world) {
  const { v1 } = world;
  const email = world.address();
  const made = await v1.createUser({ connection: DATABASE, email,
                                     password: 'secret-1', color: 'red' });
  const path = segment(made.user_id);

  is([made.email, made.color], [email, 'red'], 'v1: create');
  is(await v1.getUser(path), made, 'v1: read');
  is(await v1.updateUserPassword(path, 'secret-2', false), 'OK',
     'v1: password');
  is(await v1.updateUserEmail(path, world.address(), false), 'OK',
     'v1: e-mail');
  is(await v1.deleteUser(path), undefined, 'v1: delete');
  is((await failure(v1.getUser(path))).statusCode, 404, 'v1: it is gone');
  is((await v1.getUser('ad%7Ccorp%2Feu%7Cken')).nickname, 'ken',
     'v1: a slash in an id');
}

async function metadata(world) {
  const { v1 } = world;
  const { user_id: id } = await world.user();
  const path = segment(id);

  await v1.updateUserMetadata(path, { a: 1, b: { c: null }, d: null });
  is(await v1.getUserMetadata(path), { a: 1, b: { c: null }, d: null },
     'v1: metadata is replaced');
  await v1.patchUserMetadata(path, { a: null, e: 'Zoë' });
  is(await v1.getUserMetadata(path), { a: null, b: { c: null }, d: null,
                                       e: 'Zoë' }, 'v1: and merged');

  /* The one thing that is new to it: the guard (H5.6). */

  world.asked();
  for (const [call, body] of [
    ['patchUserMetadata', { picture: 'x', a: 1 }],
    ['updateUserMetadata', { email: 'x', age: 1 }],
  ]) {
    const error = await failure(v1[call](path, body));

    is([error.name, error.statusCode, error.code],
       ['ApiError', 400, 'Bad Request'], `v1: H5.6 refused: ${call}`);
  }
  is(world.calls(), [], 'v1: H5.6 nothing is sent');
}

async function errors(world) {
  const { v1 } = world;
  const taken = await world.user();
  const error = await failure(v1.createUser({
    connection: DATABASE, email: taken.email, password: 'secret-1' }));

  is([error.name, error.statusCode, error.message],
     ['ApiError', 409, 'The user already exists.'], "v1: its own errors");
  is((await failure(v1.deleteUser('nobody'))).statusCode, 404,
     'v1: delete of nobody');

  const stranger = v1Client({ domain: world.domain, token: 'wrong' });

  is((await failure(stranger.getUser('x'))).statusCode, 401,
     'v1: a wrong token');
}

/* Calls of v1 that are not about users go to the backend as they came. */

async function rest(world) {
  const { v1 } = world;

  world.asked();
  for (const [call, method, path, ...args] of [
    ['getConnections', 'GET', '/api/connections'],
    ['getClients', 'GET', '/api/clients/x', 'x'],
    ['getRules', 'GET', '/api/rules'],
    ['getLogs', 'GET', '/api/logs', {}],
    ['impersonateUser', 'POST', '/users/auth0%7C1/impersonate', 'auth0%7C1',
     { protocol: 'oauth2' }],
  ]) {
    const error = await failure(v1[call](...args));

    is(error?.statusCode, 404, `v1: ${call}, which this backend does not have`);
    is(world.asked().map((request) => `${request.method} ${request.target}`),
       [`${method} ${path}`], `v1: ${call} went up untouched`);
  }
}
