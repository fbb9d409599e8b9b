/*
 * Changes: what is written is what is read, in whichever part of the user,
 * and what cannot be written is refused with its names.
 */

import { is, ok } from '../../lib/tap.mjs';
import { failure, segment } from '../lib/world.mjs';

export default async function test(world) {
  for (const sdk of world.sdks) {
    await calls(world, sdk);
    await values(world, sdk);
    await names(world, sdk);
    await provider(sdk);
    await nulls(world, sdk);
    await clear(world, sdk);
    await refused(world, sdk);
  }
}

async function calls(world, sdk) {
  const { name } = sdk;
  const { user_id: id } = await world.user();
  const path = `/api/users/${segment(id)}`;
  const email = world.address();

  world.asked();

  const user = await sdk.update(id, {
    user_metadata: { hobby: 'surf' }, app_metadata: { plan: 'full' },
    password: 'secret-2', email, verify_email: true,
    connection: 'Username-Password-Authentication', client_id: 'sdk',
  });

  is(world.calls(), [
    `PUT ${path}/email {"email":"${email}","verify":true}`,
    `PUT ${path}/password {"password":"secret-2"}`,
    `PATCH ${path}/metadata {"um_hobby":"surf","plan":"full"}`,
    `GET ${path}`,
  ], `${name}: U4.1 the calls`);

  is([user.email, user.email_verified], [email, false],
     `${name}: U4.1 the address`);
  is([user.user_metadata, user.app_metadata],
     [{ hobby: 'surf' }, { plan: 'full' }], `${name}: U4.1 the metadata`);
  is(await sdk.get(id), user, `${name}: U1 as now stored`);

  world.asked();
  await sdk.update(id, { user_metadata: { hobby: 'chess' } });
  is(world.calls(), [`PATCH ${path}/metadata {"um_hobby":"chess"}`,
                     `GET ${path}`],
     `${name}: U3.3 metadata costs a write and a read, and nothing else`);

  const other = await world.user();
  const error = await failure(sdk.update(id, { email: other.email,
                                               app_metadata: { plan: 'x' } }));

  is(sdk.errorBody(error), {
    statusCode: 409, error: 'Conflict',
    message: 'The user already exists.', errorCode: 'auth0_idp_error',
  }, `${name}: U4.2 the first call fails`);
  is((await sdk.get(id)).app_metadata.plan, 'full',
     `${name}: U4.2 and was the last one`);

  const half = await failure(sdk.update(id, { email: world.address(),
                                              password: 'x' }));

  is(sdk.errorBody(half).message, 'PasswordStrengthError: Password is too '
     + 'weak. Applied before the failure: email.',
     `${name}: U4.2 the second call fails`);
}

/* What JSON can hold, in both containers. */

const VALUES = {
  text: 'Zoë 東京 🚀 \u0000\u001f\u2028 "\\/',
  empty: '', yes: true, no: false, zero: 0, minus: -0.5, small: 5e-324,
  large: 1.7976931348623157e308, integer: 9007199254740991,
  list: [1, 'two', [null, [{}]], {}], object: { a: { b: { c: [null] } } },
  'ключ': 'значение', '🚀': 'rocket', 'with space': 1, "it's": 2, ' ': 3,
  'quote"back\\slash': 4, '\t': 5,
};

async function values(world, sdk) {
  const { name } = sdk;
  const { user_id: id } = await world.user();
  const user = await sdk.update(id, { user_metadata: VALUES,
                                      app_metadata: VALUES });

  is(user.user_metadata, VALUES, `${name}: U3.6 all kinds of values`);
  is(user.app_metadata, VALUES, `${name}: U3.6 in the other container too`);
  is(await sdk.get(id), user, `${name}: U3.6 read back`);
  is(await sdk.update(id, {}), user, `${name}: U1 a change of nothing`);
}

/* Names that mean something elsewhere, to v1 or to the provider. */

async function names(world, sdk) {
  const metadata = Object.fromEntries([
    'picture', 'name', 'user_id', 'nickname', 'password', 'connection',
    'client_id', 'app_metadata', 'user_metadata', 'um_x', 'am_x', 'um_', 'am_',
    'last_login', 'lastLogin', 'plan', 'phone_number', 'username', 'toString',
    'valueOf',
  ].map((key, n) => [key, n]));
  const { user_id: id, picture } = await world.user();
  const user = await sdk.update(id, { user_metadata: metadata });

  is(user.user_metadata, metadata, `${sdk.name}: U3.1 names come back`);
  is([user.picture, user.user_id, user.app_metadata], [picture, id, {}],
     `${sdk.name}: U3.1 and hide nothing`);
}

async function provider(sdk) {
  const id = 'github|4242';
  const before = await sdk.get(id);
  const user = await sdk.update(id, { app_metadata: { plan: 'gold',
                                                      company: 'us' } });

  is([user.plan, user.company], [before.plan, 'Kolam Labs'],
     `${sdk.name}: U3.1 what the provider sent stays`);
  is([user.app_metadata.plan, user.app_metadata.company], ['gold', 'us'],
     `${sdk.name}: U3.1 beside what was written`);
}

async function nulls(world, sdk) {
  const { name } = sdk;
  const { user_id: id } = await world.user();

  await sdk.update(id, { user_metadata: { a: 1, b: { c: 2, d: 3 } },
                         app_metadata: { a: 1 } });

  const user = await sdk.update(id, {
    user_metadata: { a: null, none: null, b: { c: null } },
    app_metadata: { b: null },
  });

  is(user.user_metadata, { b: { c: null } },
     `${name}: U3.4 null deletes a member, and only the first level merges`);
  is(user.app_metadata, { a: 1 }, `${name}: U3.4 and nothing else`);
  is((await sdk.update(id, { user_metadata: { a: 2 } })).user_metadata,
     { b: { c: null }, a: 2 }, `${name}: U3.4 and back again`);
}

async function clear(world, sdk) {
  const { name } = sdk;
  const { user_id: id } = await world.user();

  await sdk.update(id, { user_metadata: { a: 1, picture: 2 },
                         app_metadata: { a: 3, b: 4 } });

  const first = await sdk.update(id, { user_metadata: {},
                                       app_metadata: { c: 5 } });

  is(first.user_metadata, {}, `${name}: U3.5 {} clears a container`);
  is(first.app_metadata, { a: 3, b: 4, c: 5 }, `${name}: U3.5 the other stays`);

  const second = await sdk.update(id, { user_metadata: { d: 6 },
                                        app_metadata: null });

  is(second.app_metadata, {}, `${name}: U3.5 and so does null`);
  is(second.user_metadata, { d: 6 }, `${name}: U3.5 with a change beside it`);
  is(await sdk.get(id), second, `${name}: U3.5 read back`);
}

async function refused(world, sdk) {
  const { name } = sdk;
  const { user_id: database } = await world.user();

  world.asked();
  for (const [id, body, message, errorCode] of [
    ['github|4242', { name: 'x', plan: 'y', app_metadata: { a: 1 } },
     'The following user attributes cannot be updated: name, plan.',
     'operation_not_supported'],
    ['facebook|100200300', { email: 'x@example.com' },
     'The following user attributes cannot be updated: email.',
     'operation_not_supported'],
    [database, { blocked: true, username: 'x' },
     'The following user attributes cannot be updated: blocked, username. '
     + 'The backend has no call that writes them.', 'operation_not_supported'],
    [database, { app_metadata: { user_id: 1, lastIP: 2 } },
     'app_metadata.user_id, app_metadata.lastIP', 'invalid_body'],
    [database, { user_metadata: { $set: 1 } }, 'user_metadata.$set',
     'invalid_body'],
    [database, { user_metadata: [] }, 'user_metadata', 'invalid_body'],
  ]) {
    const what = JSON.stringify(body);
    const error = await failure(sdk.update(id, body));

    ok(error instanceof sdk.errorClass('BadRequestError'),
       `${name}: H5 refused: ${what}`);
    is(sdk.errorBody(error).errorCode, errorCode, `${name}: H5 why: ${what}`);
    ok(sdk.errorBody(error).message.includes(message),
       `${name}: H5 named: ${what}`);
  }
  is(world.calls().filter((call) => !call.startsWith('GET ')), [],
     `${name}: H5 nothing is written`);
}
