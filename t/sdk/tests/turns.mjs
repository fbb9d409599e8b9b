/* Clients of v1 and of v2 at the same users, in turns and at the same time. */

import { is } from '../../lib/tap.mjs';
import { failure, segment } from '../lib/world.mjs';

export default async function test(world) {
  for (const sdk of world.sdks) {
    await turns(world, sdk);
    await replaced(world, sdk);
    await identity(world, sdk);
  }
  await together(world);
  await sameKey(world);
}

/* Each reads what the other one wrote last (M3.3). */

async function turns(world, sdk) {
  const { v1 } = world;
  const { name } = sdk;
  const { user_id: id } = await world.user({ plan: 'v1', um_hobby: 'v1',
                                             first: 1 });
  const path = segment(id);
  let user = await sdk.get(id);

  is([user.app_metadata, user.user_metadata],
     [{ plan: 'v1', first: 1 }, { hobby: 'v1' }], `${name}: M2 v1 wrote`);

  for (const n of [1, 2, 3]) {
    await sdk.update(id, { app_metadata: { plan: `v2-${n}`, [`b${n}`]: n },
                           user_metadata: { hobby: n, color: 'red' } });

    const bag = await v1.getUserMetadata(path);

    is([bag.plan, bag.um_hobby, bag[`b${n}`]], [`v2-${n}`, n, n],
       `${name}: U3.3 v1 reads what v2 wrote, ${n}`);

    await v1.patchUserMetadata(path, { plan: `v1-${n}`, um_hobby: [n],
                                       user_metadata: { nested: n } });
    user = await sdk.get(id);

    is([user.app_metadata.plan, user.user_metadata.hobby,
        user.user_metadata.color, user.user_metadata.nested],
       [`v1-${n}`, [n], 'red', n],
       `${name}: U3.3 v2 reads what v1 wrote, ${n}`);
  }

  is(user.app_metadata, { plan: 'v1-3', first: 1, b1: 1, b2: 2, b3: 3 },
     `${name}: U3.3 nothing is lost`);
  is((await sdk.update(id, { app_metadata: {}, user_metadata: {} }))
    .app_metadata, {}, `${name}: U3.5 v2 clears what v1 wrote`);
  is(Object.values(await v1.getUserMetadata(path))
    .filter((value) => value !== null), [], `${name}: U3.5 nulls are left`);
}

/* A PUT of v1 replaces the whole bag, and so both containers of v2. */

async function replaced(world, sdk) {
  const { user_id: id } = await world.user();

  await sdk.update(id, { app_metadata: { a: 1 }, user_metadata: { b: 2 } });
  await world.v1.updateUserMetadata(segment(id), { c: 3, um_d: 4 });

  const user = await sdk.get(id);

  is([user.app_metadata, user.user_metadata], [{ c: 3 }, { d: 4 }],
     `${sdk.name}: M2 a bag that v1 has replaced`);
}

async function identity(world, sdk) {
  const { v1 } = world;
  const { name } = sdk;
  const { user_id: id } = await world.user();
  const address = world.address();

  is(await v1.updateUserEmail(segment(id), address, true), 'OK',
     `${name}: v1 changes the address`);
  is((await sdk.byEmail({ email: address })).map((user) => user.user_id), [id],
     `${name}: U5.4 v2 finds it`);

  const other = world.address();

  await sdk.update(id, { email: other });
  is((await v1.getUserBySearch(encodeURIComponent(`email:"${other}"`)))
    .map((user) => user.user_id), [id], `${name}: v1 finds what v2 changed`);

  await v1.deleteUser(segment(id));
  is((await failure(sdk.update(id, { app_metadata: { a: 1 } }))).statusCode,
     404, `${name}: U6 a user that v1 has deleted`);
}

/* All of them at once, each at keys of its own: nothing is lost (U3.3). */

async function together(world) {
  const { user_id: id } = await world.user();
  const clients = world.sdks.length;
  const rounds = 10;

  for (let round = 0; round < rounds; round++) {
    await Promise.all([
      ...world.sdks.map((sdk, n) => sdk.update(id, {
        user_metadata: { [`c${n}r${round}`]: round },
        app_metadata: { [`c${n}`]: round },
      })),
      world.v1.patchUserMetadata(segment(id), { [`v1r${round}`]: round }),
    ]);
  }

  const user = await world.sdks[0].get(id);

  is(Object.keys(user.user_metadata).length, clients * rounds,
     'U3.3 at the same time: nothing is lost');
  is(Object.keys(user.app_metadata).length, clients + rounds,
     'U3.3 nor of the other container, nor of v1');
}

/* At the same key one of them is the last, and all read the same. */

async function sameKey(world) {
  const { user_id: id } = await world.user();

  await Promise.all(world.sdks.map((sdk, n) =>
    sdk.update(id, { app_metadata: { key: n } })));

  const { key } = await world.v1.getUserMetadata(segment(id));

  is((await Promise.all(world.sdks.map((sdk) => sdk.get(id))))
    .map((user) => user.app_metadata.key), world.sdks.map(() => key),
     'U3.3 the same key: all read what is stored');
}
