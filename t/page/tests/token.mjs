/* The token: asked for once, kept in sessionStorage and nowhere else. */

import { is, like, ok } from '../../lib/tap.mjs';
import { shows } from '../lib/world.mjs';

export default async function test(world) {
  const page = await world.open('#/users', { token: null });
  const field = page.getByLabel('API token');

  await shows(page.locator('.failure.token'));
  is(await field.getAttribute('type'), 'password', 'token: not to be read');
  await field.fill(world.token);
  await page.getByRole('button', { name: 'Use this token' }).click();
  await shows(page.locator('table.users'));

  await page.getByRole('link', { name: 'Priya Raman' }).click();
  await shows(page.getByRole('heading', { name: 'Identities' }));
  await page.reload();
  await shows(page.getByRole('heading', { name: 'Identities' }));
  ok(true, 'token: entered once');

  is(await page.evaluate(() => [
    sessionStorage.getItem('profile.token'), localStorage.length,
    document.cookie, Object.values(history.state ?? {}), window.name,
  ]), [world.token, 0, '', [], ''],
     'token: in sessionStorage and nowhere else');

  const addresses = page.requests.map((request) => request.url());

  ok(addresses.length > 20, 'token: requests were made');
  is(addresses.filter((url) => url.includes(world.token)), [],
     'token: in no address');
  is(addresses.filter((url) => !url.startsWith(`${world.url}/`)), [],
     'token: nor is anyone else asked for anything');

  const [calls, others] = [true, false].map((which) => page.requests.filter(
    (request) => request.url().includes('/api/v2/') === which));
  const sent = (requests) => Promise.all(requests.map(async (request) =>
    (await request.allHeaders()).authorization));

  is(await sent(calls), [undefined, ...calls.slice(1).map(() =>
    `Bearer ${world.token}`)], 'token: in the header of requests for the API');
  is((await sent(others)).filter(Boolean), [], 'token: and of no other');

  await page.getByRole('link', { name: 'API token' }).click();
  await shows(page.getByText('A token is in use.'));
  await page.getByRole('button', { name: 'Forget the token' }).click();
  await shows(page.locator('.card').getByText('No token is in use.'));
  like(await page.locator('#live').innerText(), /No token is in use/,
       'token: forgotten, which is said');
  is(await page.evaluate(() => sessionStorage.getItem('profile.token')), null,
     'token: and gone');

  await page.getByLabel('API token').fill(world.token);
  await page.getByLabel('API token').press('Enter');
  await shows(page.locator('table.users'));
  ok(true, 'token: another one leads to the users');

  const other = await page.context().newPage();

  await other.goto(`${world.page}#/users`);
  is(await other.evaluate(() => sessionStorage.getItem('profile.token')), null,
     'token: another tab does not know it');
  await page.end('token');
}
