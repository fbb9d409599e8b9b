/* What may go wrong has a state of its own, and nothing typed is lost. */

import { World, answer, panel, shows, until, userHash, v2error, writes }
  from '../lib/world.mjs';
import { is, like, ok } from '../../lib/tap.mjs';

const OK = { user_id: 'auth0|1', name: 'There again' };

/* kind, answer, what the state says */

const FAILURES = [
  ['missing', [404, v2error(404, 'The user does not exist.')],
   /no such user[^]*The user does not exist\.[^]*404/],
  ['busy', [429, v2error(429, 'Slow down.'), { 'Retry-After': '30' }],
   /Too many requests[^]*Slow down\.[^]*asks to wait 30 s\./],
  ['busy', [429, ''], /Too many requests[^]*asks to wait a little\./],
  ['busy', [429, '', { 'Retry-After': 'Fri, 01 Jan 2100 00:00:00 GMT' }],
   /asks to wait until Fri, 01 Jan 2100/],
  ['backend', [502, v2error(502, 'Bad Gateway')],
   /backend does not answer[^]*Bad Gateway[^]*gateway works/],
  ['backend', [504, '<h1>Gateway Time-out</h1>'],
   /backend does not answer[^]*Gateway Timeout[^]*504/],
  ['refused', [400, v2error(400, 'Not so.', 'invalid_query_string')],
   /refused this[^]*Not so\.[^]*invalid_query_string/],
  ['unreadable', [200, '{"user_id": 1'],
   /unreadable[^]*line 1, column 14/],
  ['unreadable', [200, '[]'], /unreadable[^]*it is no user/],
];

export default async function test(world) {
  await reading(world);
  await token(world);
  await lists(world);
  await offline(world);
  await slow(world);
  await dead(world);
  await saving(world);
  await guard(world);
  await gone(world);
}

async function reading(world) {
  const page = await world.open('#/token');
  let number = 0;

  for (const [kind, response, pattern] of FAILURES) {
    await answer(page, 'GET', ...response);
    await page.goto(`${world.page}${userHash(`auth0|${++number}`)}`);
    await shows(page.locator(`.failure.${kind}`));
    like(await page.locator('.failure').innerText(), pattern,
         `states: ${kind} (${response[0]})`);
    is(await page.evaluate(() => document.activeElement.parentNode.className
      .includes('failure')), true, 'states: the focus is there');

    await page.unroute('**/api/v2/**');
    await answer(page, 'GET', 200, OK);
    await page.getByRole('button', { name: 'Try again' }).click();
    await shows(page.getByRole('heading', { level: 1, name: OK.name }));
    ok(await until(() => page.evaluate(() =>
      document.activeElement.tagName === 'H1')), 'states: and trying again');
    await page.unroute('**/api/v2/**');
  }
  await page.end('states');
}

async function token(world) {
  const page = await world.open(userHash('github|4242', 'raw'),
                                { token: 'not-valid' });
  const failure = page.locator('.failure');

  await shows(page.locator('.failure.token'));
  like(await failure.innerText(), /asks for a token[^]*401/,
       'states: a token that is not valid');
  await failure.getByLabel('API token').fill('with space');
  await failure.getByRole('button', { name: 'Use this token' }).click();
  like(await failure.innerText(), /signs in a row/, 'states: no token at all');
  await failure.getByLabel('API token').fill(world.token);
  await failure.getByLabel('API token').press('Enter');
  await shows(page.locator('pre.raw'));
  ok(page.url().endsWith(userHash('github|4242', 'raw')),
     'states: with a good one it goes on where it was');

  await answer(page, 'GET', 403, v2error(403, 'Insufficient scope.',
                                         'insufficient_scope'));
  await page.goto(`${world.page}#/users`);
  await shows(page.locator('.failure.forbidden'));
  like(await failure.innerText(), /may not do that[^]*insufficient_scope/,
       'states: one that may not do this');
  await page.end('token states');
}

async function lists(world) {
  const page = await world.open('#/token');

  await answer(page, 'GET', 200, '[]');
  await page.goto(`${world.page}#/users?q=name:priya*`);
  await shows(page.locator('.failure.unreadable'));
  like(await page.locator('.failure').innerText(), /holds no list of users/,
       'states: no list');
  is(await page.getByRole('searchbox').inputValue(), 'name:priya*',
     'states: the search is still there');
  await page.unroute('**/api/v2/**');
  await page.getByRole('button', { name: 'Try again' }).click();
  ok(await shows(page.locator('table.users')), 'states: and then a list');
  await page.end('list states');
}

async function offline(world) {
  const page = await world.open('#/token');

  await page.route('**/api/v2/**', (route) => route.abort());
  await page.goto(`${world.page}#/users`);
  await shows(page.locator('.failure.offline'));
  like(await page.locator('.failure').innerText(),
       /gateway cannot be reached[^]*No answer came/, 'states: no gateway');
  is(page.trouble.splice(0).filter((text) => !/ERR_FAILED/.test(text)), [],
     'states: of which the browser alone complains');
  await page.end('offline');
}

async function slow(world) {
  const page = await world.open('#/token');
  let go;
  const gate = new Promise((resolve) => go = resolve);

  await page.route('**/api/v2/**', async (route) => {
    await gate;
    await route.continue();
  });
  await page.goto(`${world.page}#/users`);
  await shows(page.getByText('Loading users …'));
  ok(true, 'states: an answer that is awaited');
  await shows(page.locator('.slow'));
  like(await page.locator('.slow').innerText(), /backend is slow: \d+ s so far/,
       'states: a slow one, and for how long');
  like(await page.locator('#live').innerText(), /backend is slow/,
       'states: which is said');
  go();
  ok(await shows(page.locator('table.users')), 'states: and then it is there');
  is(await page.locator('.slow').count(), 0, 'states: and no longer slow');
  await page.end('slow');
}

async function dead(world) {
  const other = new World(process.env.PROFILE_DEAD_URL);

  other.browser = world.browser;
  const page = await other.open('#/users');

  await shows(page.locator('.failure.backend'));
  like(await page.locator('.failure').innerText(), /502/,
       'states: a backend that is dead');
  await page.end('dead');
}

/* Each failure again, while something is being saved. */

async function saving(world) {
  const { id } = await world.user();
  const page = await world.openUser(id, 'metadata');
  const own = panel(page, 'user_metadata');
  const text = '{"typed":  "for long"}';

  await shows(own.area);
  await own.area.fill(text);

  for (const [method, kind, response] of [
    ['PATCH', 'missing', FAILURES[0][1]], ['PATCH', 'busy', FAILURES[1][1]],
    ['PATCH', 'backend', FAILURES[4][1]], ['GET', 'backend', FAILURES[5][1]],
    ['PATCH', 'token', [401, v2error(401, 'Expired.')]],
    ['PATCH', 'unreadable', FAILURES[7][1]],
  ]) {
    await answer(page, method, ...response);
    await own.save.click();
    await shows(own.section.locator(`.failure.${kind}`));
    is([await own.text(), await own.area.isEditable()], [text, true],
       `states: ${kind} at ${method} loses nothing that was typed`);
    await page.unroute('**/api/v2/**');
  }
  await page.route('**/api/v2/**', (route) => route.abort());
  await own.save.click();
  await shows(own.section.locator('.failure.offline'));
  is(await own.text(), text, 'states: nor does a dead network');
  page.trouble.splice(0);
  await page.unroute('**/api/v2/**');

  await answer(page, 'PATCH', 401, v2error(401, 'Expired.'));
  await own.save.click();
  await shows(own.section.locator('.failure.token'));
  await page.unroute('**/api/v2/**');
  await own.section.getByLabel('API token').fill(world.token);
  await own.section.getByRole('button', { name: 'Use this token' }).click();
  await shows(own.saved);
  is(JSON.parse(await world.read(id)).user_metadata, { typed: 'for long' },
     'states: saved with a new token, from where it failed');
  await page.end('saving');
}

async function guard(world) {
  const { id } = await world.user();
  const page = await world.openUser(id, 'metadata');
  const app = panel(page, 'app_metadata');
  const failure = app.section.locator('.failure.refused');
  const text = '{"plan": "x",\n"blocked": true}';

  await shows(app.area);
  await app.area.fill(text);
  await app.save.click();
  await shows(failure);
  like(await failure.innerText(), /app_metadata\.blocked/,
       'states: a refusal names the attributes, where they were written');
  is(await app.text(), text, 'states: and keeps the text');
  is(await panel(page, 'user_metadata').section.locator('.failure').count(), 0,
     'states: the other container has no part in it');

  await app.section.getByRole('button', { name: 'Go to blocked' }).click();
  is(await app.area.evaluate((field) => field.value.slice(
    field.selectionStart, field.selectionEnd)), '"blocked"',
     'states: one step leads to the name in the text');
  is(JSON.parse(await world.read(id)).app_metadata, {},
     'states: nothing was stored');

  await app.area.fill('{"plan": "x", "a.b": 1, "$c": 2}');
  await app.save.click();
  await shows(app.section.getByRole('button', { name: 'Go to a.b' }));
  like(await failure.innerText(), /app_metadata\.a\.b, app_metadata\.\$c/,
       'states: names that metadata cannot have');

  await app.area.fill('{"plan": "x"}');
  await app.save.click();
  await shows(app.saved);
  is(await failure.count(), 0, 'states: put right, it is saved');

  await app.area.fill('{"email": 1, "user_id": 2, "id": 3, '
                      + '"bl\\u006fcked": 4}');
  await app.save.click();
  await shows(failure);
  is(await app.section.getByRole('button', { name: /^Go to/ }).allInnerTexts(),
     ['Go to email', 'Go to user_id', 'Go to blocked'],
     'states: each one that the refusal names, and no other');
  is(writes(page).length, 4, 'states: nothing is sent twice by itself');
  await page.end('guard');
}

async function gone(world) {
  const { id } = await world.user();
  const page = await world.openUser(id, 'metadata');
  const own = panel(page, 'user_metadata');

  await shows(own.area);
  await own.area.fill('{"a": 1}');
  await world.call('DELETE', `/api/v2/users/${encodeURIComponent(id)}`);
  world.users.splice(world.users.indexOf(id), 1);
  await own.save.click();
  await shows(own.section.locator('.failure.missing'));
  is([writes(page), await own.text()], [[], '{"a": 1}'],
     'states: a user who was deleted meanwhile');
  await page.end('gone');
}
