/* 450 kB of metadata both ways, and numbers that no client of ours can hold. */

import { is, ok } from '../../lib/tap.mjs';
import { segment } from '../lib/world.mjs';

export default async function test(world) {
  for (const sdk of world.sdks) {
    await large(world, sdk);
    await digits(world, sdk);
  }
}

async function large(world, sdk) {
  const { user_id: id } = await world.user();
  const metadata = {};

  for (let n = 0; JSON.stringify(metadata).length < 450 * 1024; n++) {
    metadata[`key${n}`] = Array(100).fill({ n, text: `Zoë 🚀 ${n}` });
  }

  const user = await sdk.update(id, { app_metadata: metadata });

  is(Object.keys(user.app_metadata), Object.keys(metadata),
     `${sdk.name}: U3.6 450 kB in their order`);
  ok(JSON.stringify(user.app_metadata) === JSON.stringify(metadata),
     `${sdk.name}: U3.6 450 kB come back`);
  ok(JSON.stringify((await sdk.get(id)).app_metadata)
     === JSON.stringify(metadata), `${sdk.name}: U3.6 and are read`);
  is((await sdk.update(id, { app_metadata: {} })).app_metadata, {},
     `${sdk.name}: U3.5 and are cleared`);
}

/* JavaScript rounds what it reads; what it did not write stays as it was. */

async function digits(world, sdk) {
  const { user_id: id } = await world.user();
  const path = `/api/users/${segment(id)}`;
  const numbers = '"n":9007199254740993,"e":1e308,"f":1.0,'
                  + '"d":123456789012345678901234567890';

  await world.raw('PATCH', `${path}/metadata`, `{${numbers}}`);
  await sdk.update(id, { app_metadata: { other: 1 },
                         user_metadata: { more: 2 } });

  for (const api of ['/api/users', '/api/v2/users']) {
    const { text } = await world.raw('GET', `${api}/${segment(id)}`);

    ok(text.includes(numbers), `${sdk.name}: U3.6 every digit by ${api}`);
  }
}
