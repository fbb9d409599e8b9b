/*
 * The profile page before another backend than v1, in Chromium, as TAP:
 * PROFILE_URL is a gateway that serves the page, PROFILE_LEGACY the backend of
 * demo/ behind it, with the users of its seed.
 */

import { diag, finish, is, ok, topic } from '../lib/tap.mjs';
import { panel, shows, World, writes } from './lib/world.mjs';

/* Who is written to, and whose provider has sent what no identity is. */

const BACKENDS = {
  accounts: { id: '10010', provider: ['10006', 'topFriends'] },
  directory: { id: '6c1f0a7b-e2d9-4c0f-8b7d-000000000011',
               provider: ['6c1f0a7b-e2d9-4c0f-8b7d-000000000009',
                          'LDAP_ENTRY_DN'] },
};

const backend = BACKENDS[process.env.PROFILE_LEGACY];
const world = new World(process.env.PROFILE_URL);

await world.start('any');
try {
  await topic('list', list);
  await topic('user', user);
  await topic('metadata', metadata);
} finally {
  await world.stop();
}
diag(`Chromium ${world.browser.version()}`);
process.exitCode = finish();

async function list() {
  const page = await world.open('#/users');

  await shows(page.locator('a[href^="#/users/"]').nth(20));
  ok(await page.getByText('200').count(), 'page: how many there are');
  await page.end('list');
}

async function user() {
  const [id, name] = backend.provider;
  const page = await world.openUser(id);

  await shows(page.getByRole('heading', { name: 'Identities' }));
  await shows(page.locator('code').getByText(id, { exact: true }));
  ok(true, 'page: the identity');
  await page.goto(`${world.page}?raw#/users/${id}/raw`);
  await shows(page.locator('pre.raw').getByText(name));
  ok(true, 'page: the user as served');
  await page.end('user');
}

/* What is written by the page is what is read, and the other stays. */

async function metadata() {
  const before = JSON.parse(await world.read(backend.id));
  const page = await world.openUser(backend.id, 'metadata');
  const own = panel(page, 'user_metadata');

  await shows(own.area);
  await own.area.fill('{"seen": "by a page", "tags": ["a", "b"]}');
  await own.save.click();
  await shows(own.saved);
  is(writes(page).length, 1, 'page: one write');
  await page.end('metadata');

  const after = JSON.parse(await world.read(backend.id));

  is(after.user_metadata, { seen: 'by a page', tags: ['a', 'b'] },
     'page: user_metadata is what was typed');
  is(after.app_metadata, before.app_metadata,
     'page: app_metadata is what it was');
}
