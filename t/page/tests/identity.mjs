/* The first part: who the user is, with what user_metadata overrides. */

import { is, ok } from '../../lib/tap.mjs';
import { answer, shows } from '../lib/world.mjs';

const USER = {
  user_id: 'auth0|1', email: 'x@example.com', email_verified: false,
  name: 'Root Name', nickname: 'root', picture: 'https://pics.example/root.png',
  username: 'x', created_at: '2014-01-23T16:20:33.117Z',
  last_login: '2014-11-02T08:05:12.004Z', logins_count: 42, blocked: true,
  multifactor: ['guardian'], last_ip: '198.51.100.23',
  identities: [
    { provider: 'auth0', user_id: '1', connection: 'Users', isSocial: false },
    { provider: 'github', user_id: 77, connection: 'github', isSocial: true },
  ],
  user_metadata: { name: 'Own Name', nickname: '', picture: 7 },
  app_metadata: {},
};

/* The facts of a page: name to value, as read. */

export async function facts(page) {
  return Object.fromEntries(await page.locator('section.identity > dl.facts')
    .evaluateAll((lists) => lists.flatMap((list) =>
      [...list.querySelectorAll(':scope > dt')].map((term) =>
        [term.innerText, term.nextElementSibling.innerText]))));
}

export default async function test(world) {
  const page = await world.open('#/token');

  await answer(page, 'GET', 200, USER);
  await page.goto(`${world.page}#/users/auth0%7C1`);
  await shows(page.getByRole('heading', { name: 'Identities' }));

  is(await page.getByRole('heading', { level: 1 }).innerText(), 'Own Name',
     'identity: the name of user_metadata comes first');
  is(await page.locator('.user-head p').allInnerTexts(),
     ['x@example.com not verified blocked', 'auth0|1'],
     'identity: e-mail, not verified, blocked, id');

  const { name, ...others } = await facts(page);

  is(name.split(/\s+/).join(' '),
     'Own Name from user_metadata.name in place of Root Name',
     'identity: it says what is overridden');
  is(others, {
    nickname: 'root', picture: 'https://pics.example/root.png',
    email: 'x@example.com', 'email verified': 'no', username: 'x',
    'user id': 'auth0|1', 'created at': '2014-01-23 16:20 UTC',
    'last login': '2014-11-02 08:05 UTC', 'last ip': '198.51.100.23',
    'logins count': '42', blocked: 'yes', multifactor: 'guardian',
  }, 'identity: all fields; what is empty or no text overrides nothing');
  is((await page.locator('.identities li').allInnerTexts())
    .map((text) => text.split(/\s+/).join(' ')),
     ['auth0 main connection Users id there 1',
      'github linked social connection github id there 77'],
     'identity: identities with provider and connection');
  await page.end('identity');
  await bare(world);
  await pictures(world);
  await ownPictures(world);
}

async function bare(world) {
  const page = await world.open('#/token');

  await answer(page, 'GET', 200, { user_id: 'sms|1', last_login: 'yesterday',
                                   logins_count: 12345678901234567890n + '' });
  await page.goto(`${world.page}#/users/sms%7C1`);
  await shows(page.getByRole('heading', { name: 'Identities' }));
  is(await facts(page), {
    name: 'none', email: 'none', 'email verified': 'not known',
    'user id': 'sms|1', 'last login': 'yesterday',
    'logins count': '12345678901234567890', blocked: 'no',
  }, 'identity: a user of whom next to nothing is known');
  await page.end('bare identity');
}

async function pictures(world) {
  const { id } = await world.user({ metadata: {
    user_metadata: { picture: 'https://pics.example/own.png' } } });
  const page = await world.openUser(id);
  const asked = () => page.requests.filter((one) =>
    !one.url().startsWith(world.url)).map((one) => one.url());
  const toggle = page.getByRole('button', { name: 'Remote pictures' });

  await page.route('https://pics.example/**', (route) => route.fulfill({
    contentType: 'image/svg+xml',
    body: '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
  }));
  await shows(page.getByRole('heading', { name: 'Identities' }));
  is(asked(), [], 'identity: no other site is asked for a picture');
  is(await toggle.getAttribute('aria-pressed'), 'false',
     'identity: unless one wants it');

  await toggle.click();
  await shows(page.locator('.picture img'));
  is(asked(), ['https://pics.example/own.png'],
     'identity: the picture of user_metadata, asked for once');
  is(await page.evaluate(() => document.activeElement.id), 'pictures',
     'identity: nobody is moved by that');

  const [request] = page.requests.filter((one) =>
    one.url().startsWith('https://pics'));
  const headers = await request.allHeaders();

  ok(!headers.referer && !headers.authorization,
     'identity: nobody is told by whom');
  await toggle.click();
  await shows(page.locator('.picture').getByText('P'));
  is(await page.locator('.picture img').count(), 0,
     'identity: and off again');
  await page.end('pictures');
}

/* An address of this server may be a call, and not only a picture. */

async function ownPictures(world) {
  const { hostname, port } = new URL(world.url);
  const path = '/api/users/victim/logout';

  for (const picture of [`${world.url}${path}`,
                         `https://${hostname}:${port}${path}`,
                         `https://${hostname}.:${port}${path}`,
                         `https://${hostname}${path}`, path, `/${path}`,
                         '../icon.svg', 'icon.svg']) {
    const { id } = await world.user({ metadata: {
      user_metadata: { picture } } });
    const page = await world.openUser(id);
    const asked = () => page.requests.map((one) => one.url())
      .filter((url) => url === picture || url.includes('logout'));

    await shows(page.getByRole('heading', { name: 'Identities' }));
    is(asked(), [], `identity: ${picture} is not asked for`);

    await page.getByRole('button', { name: 'Remote pictures' }).click();
    await shows(page.locator('#pictures[aria-pressed=true]'));
    is(asked(), [], `identity: nor where remote pictures are: ${picture}`);
    is(await page.locator('.picture img').count(), 0,
       `identity: no element is made of it: ${picture}`);
    await page.end(picture);
  }
}
