/*
 * What else the SDKs can do with users (roles, permissions, factors, ...) is
 * more than v1 knows, but for the logs: each such method gets a 404 in the form
 * of v2 (U1), and nothing reaches the backend.  They are found in the SDKs
 * themselves, so that none is forgotten.
 */

import { is, ok } from '../../lib/tap.mjs';
import { failure } from '../lib/world.mjs';

const ID = 'auth0|52e1b0a1c3d4e5f607182930';

const PROFILE = new RegExp('^(?:list|getAll|get|create|update|delete'
                           + '|listUsersByEmail|logs[.]list|getLogs)$');

export default async function test(world) {
  const [seven, six, four, five] = world.sdks;

  for (const sdk of [seven, six, five]) {
    const found = [...methods(sdk.users, '')]
      .filter(({ name }) => !PROFILE.test(name));

    ok(found.length > 30, `${sdk.name}: ${found.length} methods were found`);
    await refused(world, sdk, found, [ID, {}, {}, {}]);
  }

  const found = [...methods(four.users, '')]
    .filter(({ name }) => !PROFILE.test(name));

  ok(found.length > 25, `${four.name}: ${found.length} methods were found`);
  await refused(world, four, found, [{
    id: ID, user_id: ID, provider: 'x', tokenset_id: 'x',
    authentication_method_id: 'x',
  }, {}]);
}

/* The methods of a client and, by its getters, of the clients in it. */

function* methods(client, prefix) {
  const properties = Object.entries(
    Object.getOwnPropertyDescriptors(Object.getPrototypeOf(client)));

  for (const [name, { get, value }] of properties) {
    if (get) {
      yield* methods(client[name], `${prefix}${name}.`);

    } else if (name !== 'constructor' && !name.startsWith('_')) {
      yield { name: prefix + name, call: value.bind(client) };
    }
  }
}

async function refused(world, sdk, found, args) {
  world.asked();
  for (const { name, call } of found) {
    const error = await failure(call(...args));

    ok(error instanceof sdk.errorClass(), `${sdk.name}: U1 ${name}: an error`);

    const { errorCode, ...body } = sdk.errorBody(error);

    is(body, {
      statusCode: 404, error: 'Not Found',
      message: 'This call is not offered by this gateway.',
    }, `${sdk.name}: U1 ${name}: 404`);
    is(errorCode, undefined, `${sdk.name}: U1 ${name}: not that of a user`);
  }
  is(world.calls(), [], `${sdk.name}: U1 nothing is sent`);
}
