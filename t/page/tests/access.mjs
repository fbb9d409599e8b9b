/*
 * Keyboard, screen reader, contrast, width: axe on every view, light and dark,
 * narrow and wide, and what axe cannot see.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { is, like, ok } from '../../lib/tap.mjs';
import { answer, panel, shows, until, userHash, v2error }
  from '../lib/world.mjs';

const AXE = readFileSync(createRequire(import.meta.url)
  .resolve('axe-core/axe.min.js'), 'utf8');

/* Colors do not depend on the width, nor what fits on the colors. */

const LOOKS = [
  { colorScheme: 'light', viewport: { width: 360, height: 740 } },
  { colorScheme: 'dark', viewport: { width: 2000, height: 1100 } },
];

const SAM = 'google-oauth2|103547991500000000002';

/* name, address, what is there when it is complete */

const VIEWS = [
  ['list', '#/users', 'table.users'],
  ['empty list', '#/users?q=nobody@nowhere', 'main p a'],
  ['token', '#/token', 'form'],
  ['unknown', '#/nothing', 'main a'],
  ['missing', '#/users/nobody', '.failure'],
  ['identity', userHash(SAM), '.identities'],
  ['metadata', userHash(SAM, 'metadata'), 'textarea'],
  ['provider', userHash('facebook|100200300', 'provider'), '.attributes'],
  ['raw', userHash(SAM, 'raw'), 'pre.raw'],
];

export default async function test(world) {
  for (const look of LOOKS) {
    const page = await world.open('#/token', look);
    const about = `${look.colorScheme}, ${look.viewport.width}`;

    for (const [name, hash, ready] of VIEWS) {
      await page.goto(world.page + hash);
      await shows(page.locator(ready));
      await check(page, `${name}, ${about}`);
    }
    await states(world, page, about);
    await page.end(`access ${about}`);
  }
  await checker(world);
  await keyboard(world);
  await structure(world);
  await focus(world);
}

async function violations(page) {
  await page.evaluate(AXE);

  const { violations } = await page.evaluate(() => window.axe.run({
    resultTypes: ['violations'] }));

  return violations.map(({ id, nodes }) =>
    `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`);
}

async function check(page, name) {
  is(await violations(page), [], `access: no violation: ${name}`);
  is(await page.evaluate(() => document.documentElement.scrollWidth
     - innerWidth), 0, `access: nothing to scroll sideways: ${name}`);
}

/* What comes of saving: an error in the text, a conflict, a refusal, success */

async function states(world, page, name) {
  const { id } = await world.user({ metadata: { app_metadata: { a: 1 } } });
  const app = panel(page, 'app_metadata');

  await page.goto(world.page + userHash(id, 'metadata'));
  await shows(app.area);
  await app.area.fill('{"a": }');
  await check(page, `error in the text, ${name}`);

  await app.area.fill('{"a": 2}');
  await world.patch(id, { app_metadata: { a: 3 } });
  await app.save.click();
  await shows(app.section.locator('.conflict'));
  await check(page, `conflict, ${name}`);

  await answer(page, 'PATCH', 400, v2error(400, 'Cannot be: a.', 'no'));
  await app.section.getByRole('button', { name: 'Overwrite' }).click();
  await shows(app.section.locator('.failure'));
  await check(page, `refusal, ${name}`);

  await page.unroute('**/api/v2/**');
  await app.save.click();
  await shows(app.saved);
  await check(page, `saved, ${name}`);
}

/* axe finds something where there is something. */

async function checker(world) {
  const page = await world.open();

  await shows(page.locator('table.users'));
  await page.evaluate(() => {
    const field = document.createElement('input');

    document.querySelector('main').append(field);
    document.querySelector('h1').style.color = '#ccc';
  });
  is((await violations(page)).map((text) => text.replace(/:.*/, '')).sort(),
     ['color-contrast', 'label'], 'access: the checker sees what is wrong');
  await page.end('checker');
}

async function press(page, key, until) {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press(key);
    if (await page.evaluate(until)) return true;
  }
  return false;
}

/* From the list to a saved override without a mouse. */

async function keyboard(world) {
  const { id, email } = await world.user();
  const page = await world.open();
  const own = panel(page, 'user_metadata');

  await shows(page.locator('table.users'));
  await page.keyboard.press('Tab');
  is(await page.evaluate(() => document.activeElement.textContent),
     'Skip to the content', 'access: first comes a way to the content');
  ok((await page.locator('#skip').boundingBox()).x >= 0, 'access: to be seen');
  await page.keyboard.press('Enter');
  is(await page.evaluate(() => document.activeElement.id), 'main',
     'access: which leads there');
  like(page.url(), /#\/users$/, 'access: and to no other address');

  ok(await press(page, 'Tab', () => document.activeElement.type === 'search'),
     'access: the search can be reached');
  await page.keyboard.type(email);
  await page.keyboard.press('Enter');
  await until(async () => await page.locator('tbody tr').count() === 1);
  ok(await press(page, 'Tab', () => document.activeElement
    .closest('tbody a')), 'access: so can a row');
  await page.keyboard.press('Enter');
  await shows(page.getByRole('heading', { name: 'Identities' }));

  ok(await press(page, 'Tab', () => document.activeElement
    .matches('.tabs .metadata')), 'access: so can each part');
  await page.keyboard.press('Enter');
  await shows(own.area);
  ok(await press(page, 'Tab', () => document.activeElement
    .matches('textarea')), 'access: so can an editor');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('{"by": "keyboard"}');
  await page.keyboard.press('Tab');
  is(await page.evaluate(() => document.activeElement.textContent), 'Save',
     'access: and left by the Tab key');
  await page.keyboard.press('Enter');
  await shows(own.saved);
  is(JSON.parse(await world.read(id)).user_metadata, { by: 'keyboard' },
     'access: saved by the keyboard alone');
  is(await page.evaluate(() => document.activeElement.textContent), 'Save',
     'access: where the focus stays');
  ok(await until(async () => /Saved by \(new\)/.test(
    await page.locator('#live').innerText())), 'access: the save is said');
  await page.end('keyboard');
}

async function structure(world) {
  const page = await world.openUser(SAM);

  await shows(page.getByRole('heading', { name: 'Identities' }));
  for (const [role, name] of [['banner'], ['main'], ['navigation', 'Page'],
                              ['navigation', 'Parts of this user'],
                              ['region', 'Identity']]) {
    is(await page.getByRole(role, { name, exact: true }).count(), 1,
       `access: a landmark: ${role} ${name ?? ''}`);
  }
  is(await page.locator('h1, h2, h3').evaluateAll((all) =>
    all.map((one) => one.tagName)), ['H1', 'H2', 'H3', 'H3', 'H3'],
     'access: headings in order');
  is(await page.locator('.tabs [aria-current=page] b').innerText(), 'Identity',
     'access: the part that is shown is marked');
  is(await page.locator('html').getAttribute('lang'), 'en',
     'access: the language');
  is(await page.locator('#live').getAttribute('role'), 'status',
     'access: a live region');
  await page.goto(world.page + userHash(SAM, 'metadata'));
  for (const name of ['user_metadata', 'app_metadata']) {
    const { area } = panel(page, name);

    await shows(area);
    is([await area.getAttribute('aria-label'), ...await area.evaluate((one) =>
      one.getAttribute('aria-describedby').split(' ').map((id) =>
        document.getElementById(id) !== null))],
       [`${name}, JSON`, true, true], `access: ${name}, name and description`);
  }
  await page.end('structure');
}

/*
 * After each step the focus is at the heading of what is new: the link that
 * was clicked may have the same text.
 */

async function focus(world) {
  const page = await world.open();
  const at = async (wanted, name) => ok(await until(() =>
    page.evaluate((text) => document.activeElement.matches('h1, h2')
      && document.activeElement.textContent === text, wanted)),
  `access: ${name}`);

  await shows(page.locator('table.users'));
  is(await page.evaluate(() => document.activeElement.tagName), 'BODY',
     'access: nobody is moved when the page opens');
  is(await page.title(), 'Users', 'access: a title');
  await page.getByRole('link', { name: 'Priya Raman' }).click();
  await at('Priya Raman', 'a user: the name');
  await page.getByRole('link', { name: 'Raw JSON' }).click();
  await at('Raw JSON', 'a part: its heading');
  await page.goBack();
  await at('Identity', 'back: the heading of the part before');
  await page.goBack();
  await at('Users', 'back in the list: its heading');
  await page.getByRole('link', { name: 'Next' }).click();
  await until(() => page.url().includes('page=2'));
  await at('Users', 'another page: the same');
  await page.getByRole('link', { name: 'API token' }).click();
  await at('API token', 'the token: its heading');
  is(await page.title(), 'API token', 'access: and a title');
  await page.end('focus');
}
