/*
 * SDKs of other languages, by requests in their exact form: what they read,
 * write and tell apart, a user's whole life long.
 */

import { is, like, ok, topic } from '../../lib/tap.mjs';
import { FORMS, send } from '../lib/forms.mjs';
import { DATABASE, segment } from '../lib/world.mjs';

const USERS = '/api/v2/users';

/* A user who has "blocked" and a verified address. */

const MONA = 'auth0|52e1b0a1c3d4e5f607182930';

export default async function test(world) {
  const ids = (await world.all()).map((user) => user.user_id);

  for (const form of FORMS) {
    const ask = (method, path, how) => send(form, world, method, path, how);

    await topic(form.name, async () => {
      await lists(form, ask, ids);
      await searches(form, ask);
      await life(world, form, ask);
      await offered(world, form, ask);
    });
  }
}

async function lists({ name, list }, ask, ids) {
  const { status, json } = await ask('GET', USERS, { query: list,
                                                     reads: true });
  const users = list.include_totals ? json.users : json;
  const length = Number(list.per_page ?? 50);

  is(status, 200, `${name}: U5.1 a list`);
  is(users?.map((user) => user.user_id), ids.slice(0, length),
     `${name}: U5.1 a page of it`);
  if (list.include_totals) {
    is([json.start, json.limit, json.length], [0, length, length],
       `${name}: U5.2 the counts`);
    ok(json.total > length, `${name}: U5.2 more follow`);
  }
}

async function searches({ name, list }, ask) {
  const found = await ask('GET', '/api/v2/users-by-email', {
    query: { email: 'lee+news@contoso.example' }, reads: true });

  is(found.json?.map?.((user) => user.user_id), ['waad|a+b+c'],
     `${name}: U5.4 by e-mail`);

  const q = await ask('GET', USERS, {
    query: { ...list, q: 'email:"ana@example.com"', search_engine: 'v3' },
    reads: true });

  is(q.status, 200, `${name}: U5.1 a search`);
  ok((q.json.users ?? q.json).every(({ email }) => email.includes('ana@')),
     `${name}: U5.1 what was looked for`);
}

async function life(world, { name, get }, ask) {
  const email = world.address();
  const created = await ask('POST', USERS, { body: {
    connection: DATABASE, email, password: 'secret-1', verify_email: false,
    user_metadata: { city: 'Zürich/West' }, app_metadata: { plan: 'a<b' },
  } });
  const id = created.json.user_id;
  const path = `${USERS}/${segment(id)}`;
  const read = (query = get) => ask('GET', path, { query, reads: true });

  is(created.status, 201, `${name}: U1 a create`);
  is([created.json.user_metadata, created.json.app_metadata],
     [{ city: 'Zürich/West' }, { plan: 'a<b' }],
     `${name}: U1 what was written`);

  const { status, json } = await read();

  is(status, 200, `${name}: U1 a read`);
  is(json, created.json, `${name}: U1 what was created`);

  is((await read({ fields: 'user_id,email', include_fields: 'true' })).json,
     { user_id: id, email }, `${name}: U5.3 fields`);

  await writes(world, name, ask, path);

  const twice = await ask('POST', USERS, { body: {
    connection: DATABASE, email: (await read()).json.email,
    password: 'secret-1' } });

  is([twice.status, twice.json.errorCode], [409, 'auth0_idp_error'],
     `${name}: U6 an address that is taken`);

  world.asked();

  const gone = await ask('DELETE', path);

  is([gone.status, gone.text], [204, ''], `${name}: U1 a delete`);
  is(world.calls(), [`DELETE /api/users/${segment(id)}`],
     `${name}: U1 by one call without a body`);
  is((await ask('DELETE', path)).status, 204, `${name}: U6 a second delete`);

  const none = await read();

  is([none.status, none.json.errorCode], [404, 'inexistent_user'],
     `${name}: U6 nobody`);
}

async function writes(world, name, ask, path) {
  const patch = (body) => ask('PATCH', path, { body });

  world.asked();

  const metadata = await patch({ user_metadata: { city: 'Genève', n: null },
                                 app_metadata: { plan: 'x/y' } });

  is(metadata.status, 200, `${name}: U1 metadata`);
  is([metadata.json.user_metadata, metadata.json.app_metadata],
     [{ city: 'Genève' }, { plan: 'x/y' }], `${name}: U3 as it was written`);

  const email = world.address();
  const idiom = await patch({ email, email_verified: false,
                              verify_email: true });

  is([idiom.status, idiom.json.email, idiom.json.email_verified],
     [200, email, false], `${name}: U4 another e-mail`);

  const named = await patch({ name: 'Jo', nickname: 'j/o' });

  is([named.status, named.json.name, named.json.nickname],
     [200, 'Jo', 'j/o'], `${name}: U4 names`);

  const again = await patch({ email, email_verified: false, name: 'Jo',
                              user_metadata: { city: 'Bern' } });

  is([again.status, again.json.user_metadata], [200, { city: 'Bern' }],
     `${name}: U4 what is stored, again`);

  /* Forms and Terraform send all they know, such as what cannot be written. */

  const all = await ask('PATCH', `${USERS}/${segment(MONA)}`, { body: {
    blocked: false, email_verified: true, user_metadata: { by: name } } });

  is([all.status, all.json.user_metadata?.by], [200, name],
     `${name}: U4 what is stored and cannot be written, again`);

  is((await patch({ email_verified: true })).status, 400,
     `${name}: U4 verified by nobody`);

  const refused = await patch({ last_login: 'x' });

  is([refused.status, refused.json.errorCode],
     [400, 'operation_not_supported'], `${name}: H5.5 refused`);
  like(refused.json.message, /last_login/, `${name}: H5.5 by name`);
}

async function offered(world, { name, list }, ask) {
  const { user_id: id } = await world.user();
  const path = `${USERS}/${segment(id)}`;
  const logs = await ask('GET', `${path}/logs`, { query: list, reads: true });

  is((logs.json.logs ?? logs.json).map?.(({ type }) => type), ['ss'],
     `${name}: U9.1 the log`);

  for (const part of ['roles', 'permissions', 'enrollments',
                      'organizations']) {
    const { status, json } = await ask('GET', `${path}/${part}`,
                                       { query: list, reads: true });

    is(status, 404, `${name}: U1 no ${part}`);
    ok(json.errorCode !== 'inexistent_user',
       `${name}: U1 no ${part}, which does not say that the user is gone`);
  }

  const ticket = await ask('POST', '/api/v2/tickets/password-change',
                           { body: { user_id: id } });

  is(ticket.status, 201, `${name}: U9.2 a ticket`);
  ok(ticket.json.ticket, `${name}: U9.2 where it leads`);
}
