/*
 * Runs the tests with the official SDKs, as TAP: node run.mjs [TOPIC...]
 *
 * PROFILE_DOMAIN is a gateway with TLS whose backend is seeded as demo/legacy
 * is and writes to PROFILE_REQUESTS, PROFILE_BROKEN_DOMAIN one whose backend
 * fails as the id of the user says, PROFILE_SLOW_DOMAIN one that waits for the
 * backend no longer than a second.
 */

import { readdirSync } from 'node:fs';

import { diag, finish, topic } from '../lib/tap.mjs';
import { World } from './lib/world.mjs';

const world = new World();
const wanted = process.argv.slice(2);
const names = readdirSync(new URL('tests/', import.meta.url))
  .map((file) => file.replace('.mjs', ''))
  .filter((name) => !wanted.length || wanted.includes(name));

await world.start();
for (const name of names) {
  const { default: test } = await import(`./tests/${name}.mjs`);

  await topic(name, () => test(world));
}
diag(`Node ${process.version}`);
process.exitCode = finish();
