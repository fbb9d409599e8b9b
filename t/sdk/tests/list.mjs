/* Lists: pages, totals, fields, searches, and going through all of them. */

import { is, ok } from '../../lib/tap.mjs';
import { failure } from '../lib/world.mjs';

export default async function test(world) {
  const users = await world.all();
  const ids = users.map((user) => user.user_id);

  for (const sdk of world.sdks) {
    await pages(sdk, ids);
    await totals(sdk, ids);
    await fields(sdk, ids);
    await searches(sdk, users);
    await form(sdk);
    await wrong(world, sdk);
  }
  for (const sdk of world.sdks.slice(0, 2)) {
    await iteration(sdk, users);
  }
  await bareLists(world.sdks[2], ids);
}

function idsOf(users) {
  return users.map((user) => user.user_id);
}

function connected(users, connection) {
  return users.filter(({ identities }) =>
    identities[0].connection === connection);
}

async function pages(sdk, ids) {
  const { name } = sdk;

  is(idsOf(await sdk.list()), ids.slice(0, 50), `${name}: U5.1 50 users`);
  is(idsOf(await sdk.list({ page: 2, per_page: 7 })), ids.slice(14, 21),
     `${name}: U5.1 a page`);
  is(idsOf(await sdk.list({ page: 0, per_page: 100 })), ids.slice(0, 100),
     `${name}: U5.1 the largest page`);
  is(await sdk.list({ page: 9999, per_page: 100 }), [],
     `${name}: U5.1 behind the end`);
}

async function totals(sdk, ids) {
  const { name } = sdk;
  const { users, ...counts } = await sdk.envelope({ page: 1, per_page: 20 });

  is(idsOf(users), ids.slice(20, 40), `${name}: U5.2 the users`);
  is(counts, { start: 20, limit: 20, length: 20, total: 41 },
     `${name}: U5.2 a lower bound where more follow`);

  const last = Math.floor(ids.length / 60);
  const end = await sdk.envelope({ page: last, per_page: 60 });

  is(end.total, ids.length, `${name}: U5.2 all of them on the last page`);
  is(end.length, ids.length - last * 60, `${name}: U5.2 what is left of them`);
  is(await sdk.envelope({ page: 0, per_page: 0 }),
     { users: [], start: 0, limit: 0, length: 0, total: 2 },
     `${name}: U5.1 counts alone`);
}

async function fields(sdk, ids) {
  const { name } = sdk;
  const some = await sdk.list({ per_page: 5, fields: 'user_id,identities',
                                include_fields: true });

  is(some.map((user) => Object.keys(user).sort()),
     Array(5).fill(['identities', 'user_id']), `${name}: U5.3 fields`);
  is(idsOf(some), ids.slice(0, 5), `${name}: U5.3 of the same users`);

  const rest = await sdk.list({ per_page: 5, fields: 'user_id,user_metadata',
                                include_fields: false });

  ok(rest.every((user) => user.name && user.identities && user.app_metadata
                          && !user.user_id && !user.user_metadata),
     `${name}: U5.3 all others`);
}

async function searches(sdk, users) {
  const { name } = sdk;
  const google = connected(users, 'google-oauth2');

  is(idsOf(await sdk.list({ connection: 'google-oauth2', per_page: 100 })),
     idsOf(google), `${name}: U1 users of a connection`);
  is(idsOf(await sdk.list({ connection: 'google-oauth2', page: 1,
                            per_page: 2 })),
     idsOf(google.slice(2, 4)), `${name}: U1 a page of them`);
  is(idsOf(await sdk.list({ q: 'email:"lee+news@contoso.example"' })),
     ['waad|a+b+c'], `${name}: U5.1 a search`);
  is(idsOf(await sdk.list({ q: 'name:"José Ñandú"', search_engine: 'v1',
                            sort: 'name:1' })),
     ['samlp|campus|josé.ñandú'], `${name}: U5.1 a search in UTF-8`);
}

async function form(sdk) {
  const users = await sdk.list({ per_page: 100 });

  ok(users.every((user) => !('_id' in user) && !('lastLogin' in user)
                           && user.app_metadata && user.user_metadata
                           && user.identities.every((identity) =>
                             !('access_token' in identity))),
     `${sdk.name}: M2 users in the form of v2`);
}

async function wrong(world, sdk) {
  world.asked();
  for (const params of [{ per_page: 101 }, { page: -1 }, { page: 'x' },
                        { connection: '../../x' }, { q: 'a\0b' }]) {
    const what = JSON.stringify(params);
    const error = await failure(sdk.list(params));

    ok(error instanceof sdk.errorClass('BadRequestError'),
       `${sdk.name}: U5.1 refused: ${what}`);
    is(sdk.errorBody(error).errorCode, 'invalid_query_string',
       `${sdk.name}: U5.1 why: ${what}`);
  }
  is(world.calls(), [], `${sdk.name}: U5.1 nothing is sent`);

  const error = await failure(sdk.list({ connection: 'nowhere' }));

  is(sdk.errorBody(error).message, 'The connection does not exist.',
     `${sdk.name}: U6 no such connection`);
  is(error.statusCode, 404, `${sdk.name}: U6 its status`);
}

async function iteration(sdk, users) {
  const { name } = sdk;
  const ids = idsOf(users);
  const google = idsOf(connected(users, 'google-oauth2'));

  for (const [params, wanted] of [
    [undefined, ids], [{ per_page: 30 }, ids], [{ per_page: 100 }, ids],

    /* The last page is a full one. */

    [{ connection: 'google-oauth2', per_page: google.length }, google],
  ]) {
    const found = [];

    for await (const user of await sdk.users.list(params)) {
      found.push(user.user_id);
    }
    is(found, wanted, `${name}: U5 all users by ${JSON.stringify(params)}`);
  }

  const page = await sdk.users.list({ per_page: 40 });
  const found = idsOf(page.data);

  while (page.hasNextPage()) {
    await page.getNextPage();
    found.push(...idsOf(page.data));
  }
  is(found, ids, `${name}: U5 all users, page by page`);
}

/* What 4 asks for by default, and its own way through all pages. */

async function bareLists(sdk, ids) {
  const { headers, status, data } = await sdk.users.getAll();

  is(status, 200, `${sdk.name}: U5 status of a list`);
  ok(Array.isArray(data), `${sdk.name}: U5 an array`);
  is(headers.get('link'), null, `${sdk.name}: U5.5 no links of v1`);

  const found = [];
  let envelope;

  do {
    envelope = await sdk.envelope({ page: found.length / 40, per_page: 40 });
    found.push(...idsOf(envelope.users));
  } while (envelope.start + envelope.length < envelope.total);

  is(found, ids, `${sdk.name}: U5.2 all users, by the totals`);
}
