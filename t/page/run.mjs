/*
 * Runs the tests of the profile page in Chromium, as TAP:
 *
 *     PROFILE_URL=http://127.0.0.1:8080 node run.mjs [TOPIC...]
 *
 * PROFILE_URL is a gateway that serves the page and whose backend is seeded
 * as demo/legacy is, PROFILE_DEAD_URL one whose backend is dead.
 */

import { readdirSync } from 'node:fs';

import { diag, finish, topic } from '../lib/tap.mjs';
import { World } from './lib/world.mjs';

if (!process.env.PROFILE_URL || !process.env.PROFILE_DEAD_URL) {
  console.error('PROFILE_URL and PROFILE_DEAD_URL say what is to be tested');
  process.exit(2);
}

const world = new World(process.env.PROFILE_URL);
const wanted = process.argv.slice(2);
const names = readdirSync(new URL('tests/', import.meta.url))
  .map((file) => file.replace('.mjs', ''))
  .filter((name) => !wanted.length || wanted.includes(name));

await world.start();
try {
  for (const name of names) {
    const { default: test } = await import(`./tests/${name}.mjs`);

    await topic(name, () => test(world));
  }
} finally {
  await world.stop();
}
diag(`Chromium ${world.browser.version()}`);
process.exitCode = finish();
