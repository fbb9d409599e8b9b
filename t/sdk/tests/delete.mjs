/* Users that go, and the id that would have been all of them. */

import { is } from '../../lib/tap.mjs';
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

  is(await failure(sdk.remove(id)), undefined, `${name}: U6.3 once more`);
}

async function notAll(world, sdk) {
  const before = (await world.all()).length;

  world.asked();
  for (const id of ['', '/', '.', '..', 'x/..', '../users', ' ']) {
    is((await failure(sdk.remove(id)))?.statusCode, 404,
       `${sdk.name}: U2.1 delete ${JSON.stringify(id)}`);
  }
  is(world.calls(), [], `${sdk.name}: U2.1 nothing is sent`);

  for (const id of ['?', '#']) {
    is(await failure(sdk.remove(id)), undefined,
       `${sdk.name}: U6.3 delete ${JSON.stringify(id)}, whom nobody knows`);
  }
  is(world.calls(), ['DELETE /api/users/%3F', 'DELETE /api/users/%23'],
     `${sdk.name}: U2.1 one user each`);
  is((await world.all()).length, before, `${sdk.name}: U2.1 all are there`);
}
