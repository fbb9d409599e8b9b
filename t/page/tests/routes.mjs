/* Each view has an address; back and forward work; ids of any kind do. */

import { is, like, ok } from '../../lib/tap.mjs';
import { shows, userHash } from '../lib/world.mjs';

const ODD_IDS = ['samlp|campus|anna maria', 'auth0|50%25off', 'waad|a+b+c',
                 'ad|corp/eu|ken', 'samlp|campus|josé.ñandú',
                 'adfs|what?#@fabrikam.example'];

const PARTS = [
  ['identity', undefined, 'Identities'],
  ['metadata', 'metadata', 'app_metadata'],
  ['provider', 'provider', 'followers_url'], ['raw', 'raw', '"user_id"'],
];

export default async function test(world) {
  const page = await world.open('');
  const heading = page.getByRole('heading', { level: 1 });

  await shows(page.getByRole('heading', { level: 1, name: 'Users' }));
  like(page.url(), /\/profile\/#\/users$/, 'routes: it begins with the list');

  for (const [name, part, text] of PARTS) {
    await page.goto(`${world.page}?${name}${userHash('github|4242', part)}`);
    await shows(page.getByText(text, { exact: name !== 'raw' }));
    is(await heading.innerText(), 'Priya Raman',
       `routes: the address of ${name} leads there`);
  }
  await history(world, page, heading);

  for (const id of ODD_IDS) {
    await page.goto(world.page + userHash(id));
    await shows(page.locator('code').getByText(id, { exact: true }));
    ok(true, `routes: a user of the id ${id}`);
  }
  for (const hash of ['#/nothing', '#/users/%ff', '#/users/a%7C1/other',
                      '#/users/', '#/users/a/b/c']) {
    await page.goto(world.page + hash);
    await shows(page.getByText('Nothing has this address.'));
    is(await page.title(), 'Not found', `routes: nothing at ${hash}`);
  }
  const before = calls(page).length;

  for (const id of ['.', '..']) {
    await page.goto(`${world.page}#/users/${id}`);
    await shows(page.getByText('There is no such user'));
    is(calls(page).length, before, `routes: ${id} is no step in a path`);
  }
  await page.end('routes');
}

function calls(page) {
  return page.requests.filter((one) => one.url().includes('/api/v2/'));
}

async function history(world, page, heading) {
  await page.goto(`${world.page}?history#/users`);
  await page.getByRole('link', { name: 'Priya Raman' }).click();
  await shows(page.getByRole('heading', { name: 'Identities' }));
  await page.getByRole('link', { name: 'Provider attributes' }).click();
  await shows(page.getByText('followers_url'));
  await page.getByRole('link', { name: 'Raw JSON' }).click();
  await shows(page.locator('pre.raw'));
  like(await page.title(), /^Priya Raman – Raw JSON$/, 'routes: the title');

  const reads = calls(page).length;

  await page.goBack();
  await shows(page.getByText('followers_url'));
  await page.goBack();
  await shows(page.getByRole('heading', { name: 'Identities' }));
  is(calls(page).length, reads, 'routes: the parts of a user are one answer');
  await page.goBack();
  await shows(page.locator('table.users'));
  is(await heading.innerText(), 'Users', 'routes: back to the list');
  await page.goForward();
  await shows(page.getByRole('heading', { name: 'Identities' }));
  is(await heading.innerText(), 'Priya Raman', 'routes: and forward again');
}
