/* Users that go, and the id that would have been all of them. */

import { is, ok } from '../../lib/tap.mjs';
import { failure, segment } from '../lib/world.mjs';

export default async function test(world) {
  for (const sdk of world.sdks) {
    await one(world, sdk);
    await notAll(world, sdk);
  }
}

async function one(world, sdk) {
  const { name } = sdk;
  const { user_id: id } = await world.user();

  world.asked();
  is(await failure(sdk.remove(id)), undefined, `${name}: U1 deleted`);
  is(world.calls(), [`DELETE /api/users/${segment(id)}`],
     `${name}: U1 by one call`);
  is((await failure(sdk.get(id))).statusCode, 404, `${name}: U1 it is gone`);

  const error = await failure(sdk.remove(id));

  ok(error instanceof sdk.errorClass(), `${name}: U6 once more: an error`);
  is(sdk.errorBody(error), {
    statusCode: 404, error: 'Not Found',
    message: 'The user does not exist.', errorCode: 'not_found',
  }, `${name}: U6 in the form of v2`);
}

async function notAll(world, sdk) {
  const before = (await world.all()).length;

  world.asked();
  for (const id of ['', '/', '.', '..', 'x/..', '../users', ' ', '?', '#']) {
    is((await failure(sdk.remove(id)))?.statusCode, 404,
       `${sdk.name}: U2.1 delete ${JSON.stringify(id)}`);
  }
  is(world.calls().filter((call) => !/\/%(?:3F|23)$/.test(call)), [],
     `${sdk.name}: U2.1 nothing is sent`);
  is((await world.all()).length, before, `${sdk.name}: U2.1 all are there`);
}
