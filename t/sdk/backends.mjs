/*
 * The official SDKs in front of another backend than v1, as TAP: PROFILE_DOMAIN
 * is a gateway with TLS, PROFILE_LEGACY the backend of demo/ behind it, with
 * the users of its seed.  What holds for each backend is said once: all that
 * the SDKs can do with users, as far as the backend has the calls.
 */

import { diag, finish, is, like, ok, topic } from '../lib/tap.mjs';
import { v2Clients } from './lib/clients.mjs';
import { failure } from './lib/world.mjs';

/*
 * The users that the topics are about, and what is known of them.  A taken
 * address is no conflict to Rails, but a mistake in the form.
 */

const BACKENDS = {
  accounts: {
    id: '10001',
    social: '10002',
    picture: 'https://avatars.example.com/u/4410?v=3',
    nobody: '1',
    connection: 'myspace',
    found: '10006',
    query: 'app_metadata.imported:true',
    finds: '10004',
    taken: 422,
    values: { a: 1.5, b: { c: [true, null] }, 'd.e': 'x', 'h\u00f6he': '2 m' },
    readOnly: ['given_name', 'picture', 'logins_count', 'provider'],
    change: { name: 'Someone', blocked: false },
  },
  directory: {
    id: '6c1f0a7b-e2d9-4c0f-8b7d-000000000001',
    social: '6c1f0a7b-e2d9-4c0f-8b7d-000000000002',
    picture: 'https://avatars.example.com/u/4410?v=3',
    nobody: 'nobody',
    connection: 'myspace',
    found: '6c1f0a7b-e2d9-4c0f-8b7d-000000000005',
    query: 'user_metadata.topics:rail',
    finds: '6c1f0a7b-e2d9-4c0f-8b7d-000000000001',
    taken: 409,
    values: { a: '1.5', b: ['c', 'd'], 'd.e': 'x', 'h\u00f6he': '2 m' },
    readOnly: ['picture', 'identities', 'enabled', 'LDAP_ID'],
    change: { given_name: 'Someone', family_name: 'Else' },
  },
};

const backend = BACKENDS[process.env.PROFILE_LEGACY];
const clients = v2Clients({ domain: process.env.PROFILE_DOMAIN, token: 'any' });

let made = 0;

for (const sdk of clients) {
  await topic(sdk.name, async () => {
    await lists(sdk);
    await searches(sdk);
    await reads(sdk);
    await errors(sdk);
    await lifetime(sdk);
    await notOffered(sdk);
  });
}
diag(`Node ${process.version}`);
process.exitCode = finish();

/* All pages, one by one, and what is said of them. */

async function lists(sdk) {
  const ids = new Set();
  let length;

  for (let page = 0; length !== 0; page++) {
    const envelope = await sdk.envelope({ page, per_page: 45 });

    ({ length } = envelope);
    envelope.users.forEach((user) => ids.add(user.user_id));
    is([envelope.start, envelope.limit, envelope.total],
       [page * 45, 45, 200], `${sdk.name}: U5.2 totals of page ${page}`);
  }
  is(ids.size, 200, `${sdk.name}: U5 every user`);
  is((await sdk.list()).length, 50, `${sdk.name}: U5.1 without arguments`);
  is((await sdk.list({ connection: backend.connection }))
    .map((user) => user.user_id), [backend.found],
     `${sdk.name}: U1 of a connection`);
  is(Object.keys((await sdk.list({ per_page: 1, fields: 'user_id',
                                   include_fields: true }))[0]),
     ['user_id'], `${sdk.name}: U5.3 fields`);
}

async function searches(sdk) {
  const found = await sdk.list({ q: backend.query, search_engine: 'v3' });
  const { email } = await sdk.get(backend.social);

  is(found.map((user) => user.user_id), [backend.finds],
     `${sdk.name}: U10 a search`);
  is((await sdk.list({ q: `user_id:${backend.social}` })).length, 1,
     `${sdk.name}: U10.3 by id`);
  is((await sdk.byEmail({ email })).map((user) => user.user_id),
     [backend.social], `${sdk.name}: U10.5 by e-mail`);

  const names = (await sdk.list({ sort: 'email:-1', per_page: 20,
                                  q: 'email:[a TO z]' }))
    .map((user) => user.email);

  is(names, names.toSorted().reverse(), `${sdk.name}: U10 an order`);
}

async function reads(sdk) {
  const user = await sdk.get(backend.social);
  const [listed] = await sdk.list({ q: `user_id:${backend.social}` });

  is(user, listed, `${sdk.name}: a user is the same alone and in a list`);
  is(user.user_id, backend.social, `${sdk.name}: M7.3 the id is a string`);
  is(user.picture, backend.picture, `${sdk.name}: M7.6 what was lifted`);
  ok(!/TOKEN|encrypted_password/.test(JSON.stringify(user)),
     `${sdk.name}: M7.5 no secret`);
}

async function errors(sdk) {
  for (const [name, call, status, code] of [
    ['nobody', () => sdk.get(backend.nobody), 404, 'inexistent_user'],
    ['a bad page', () => sdk.list({ page: 0, per_page: 101 }), 400,
     'invalid_query_string'],
    ['a change of nobody',
     () => sdk.update(backend.nobody, { user_metadata: { a: 'b' } }), 404,
     'inexistent_user'],
    ...backend.readOnly.map((attribute) => [
      attribute, () => sdk.update(backend.social, { [attribute]: 'x' }), 400,
      'operation_not_supported']),
  ]) {
    const error = await failure(call());

    ok(error instanceof sdk.errorClass(
      status === 404 ? 'NotFoundError' : 'BadRequestError'),
       `${sdk.name}: U6 the error of the SDK: ${name}`, error);
    is([sdk.errorBody(error).statusCode, sdk.errorBody(error).errorCode],
       [status, code], `${sdk.name}: U6 what it says: ${name}`);
  }
}

/* A user from beginning to end. */

async function lifetime(sdk) {
  const email = `sdk-${++made}@example.com`;
  const user = await sdk.create({
    connection: 'email', email, password: 'correct horse',
    user_metadata: { color: 'red' }, app_metadata: backend.values });
  const id = user.user_id;

  is([user.email, user.email_verified, user.user_metadata, user.app_metadata],
     [email, false, { color: 'red' }, backend.values],
     `${sdk.name}: U1 a new user`);
  is(await sdk.get(id), user, `${sdk.name}: U1 it is stored`);
  is((await sdk.byEmail({ email })).length, 1,
     `${sdk.name}: U10.5 it is found`);

  const again = await failure(sdk.create({
    connection: 'email', email: email.toUpperCase(),
    password: 'correct horse' }));

  is(sdk.errorBody(again).statusCode, backend.taken,
     `${sdk.name}: U6 the address is taken`);

  let changed = await sdk.update(id, {
    user_metadata: { color: null, ...backend.values },
    app_metadata: { a: null, plan: 'full' } });
  const { a, ...rest } = backend.values;

  is(changed.user_metadata, backend.values, `${sdk.name}: U3.9 merged`);
  is(changed.app_metadata, { ...rest, plan: 'full' },
     `${sdk.name}: U3.4 null takes away`);

  changed = await sdk.update(id, { app_metadata: {} });
  is([changed.app_metadata, changed.user_metadata], [{}, backend.values],
     `${sdk.name}: U3.5 cleared`);

  changed = await sdk.update(id, { ...backend.change, email: `new-${email}`,
                                   email_verified: false });
  is(Object.keys(backend.change).map((name) => changed[name]),
     Object.values(backend.change), `${sdk.name}: U4.8 attributes`);
  is([changed.email, changed.email_verified], [`new-${email}`, false],
     `${sdk.name}: U4.1 e-mail`);
  changed = await sdk.update(id, { email_verified: true });
  is(changed.email_verified, true, `${sdk.name}: U4.8 verified`);
  is(await sdk.update(id, { password: 'another horse' })
    .then(() => 'changed'), 'changed', `${sdk.name}: U4.1 password`);

  await sdk.remove(id);
  is((await failure(sdk.get(id))) !== undefined, true,
     `${sdk.name}: U1 deleted`);
  is(await failure(sdk.remove(id)), undefined,
     `${sdk.name}: U6.3 deleted again`);
}

async function notOffered(sdk) {
  const user = { user_id: backend.id };
  const ticket = { ...user, result_url: 'https://a.example/' };

  for (const [name, call] of [
    ['logs', () => sdk.logs(backend.id, {})],
    ['password ticket', () => sdk.passwordTicket(ticket)],
    ['e-mail ticket', () => sdk.emailTicket(ticket)],
    ['mail', () => sdk.mail(user)],
  ]) {
    const { message } = sdk.errorBody(await failure(call()));

    like(message, /not offered/, `${sdk.name}: U6.4 ${name}`);
  }
}
