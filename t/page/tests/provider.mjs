/* What providers sent: groups, nested values, overrides. */

import { is, like, ok } from '../../lib/tap.mjs';
import { answer, panel, shows, userHash, writes } from '../lib/world.mjs';

const SAM = 'google-oauth2|103547991500000000002';
const GRETA = 'facebook|100200301';

export default async function test(world) {
  await groups(world);
  await nested(world);
  await override(world);
  await broken(world);
  await own(world);
}

function names(group) {
  return group.locator('li > div:first-child').allInnerTexts();
}

function attribute(page, name) {
  return page.locator('.attributes > li').filter({
    has: page.locator('b').getByText(name, { exact: true }) });
}

async function groups(world) {
  const page = await world.openUser(SAM, 'provider');
  const groups = page.locator('section.card.provider');

  await shows(groups);
  is(await groups.locator('h3').allInnerTexts(),
     ['google-oauth2', 'twitter linked account 80000152'],
     'provider: grouped by provider, linked accounts apart');
  is((await names(groups.nth(0))).sort(), ['family_name normalized',
     'given_name normalized', 'locale', 'name normalized',
     'nickname normalized', 'picture normalized'],
     'provider: what the root has from the main provider');
  is(await names(groups.nth(1)), ['screen_name', 'name'],
     'provider: what the linked account has');
  is(await page.locator('.attributes').getByRole('textbox').count(), 0,
     'provider: nothing to write in');
  like(await page.locator('.tabs a.provider').innerText(),
       /8 from google-oauth2, twitter, read-only/, 'provider: the tab counts');
  await page.end('groups');
}

async function nested(world) {
  const page = await world.open('#/token');

  await answer(page, 'GET', 200, '{"user_id":"github|1","plan":{"name":"free",'
    + '"space":9007199254740993,"tags":["a",{"b":null}],"none":{},"no":[]},'
    + '"bio":"","deep":[[[[[[1]]]]]],"admin":false,'
    + '"text":"' + 'x'.repeat(301) + '"}');
  await page.goto(world.page + userHash('github|1', 'provider'));
  await shows(attribute(page, 'plan'));
  is((await attribute(page, 'plan').innerText()).split('\n'), [
    'plan', 'name', 'free', 'space', '9007199254740993', 'tags', 'a', 'b',
    'null', 'none', 'empty object', 'no', 'empty list', 'Override',
  ], 'provider: nested values, name by name, to the digit');
  is(await attribute(page, 'plan').locator('dl').count(), 2,
     'provider: as lists of terms');
  like(await attribute(page, 'bio').innerText(), /empty text/,
       'provider: an empty text');
  is(await attribute(page, 'deep').locator('ol').count(), 5,
     'provider: nested deeper it is JSON');
  is(await attribute(page, 'deep').locator('pre').innerText(), '[\n  1\n]',
     'provider: indented');

  const text = attribute(page, 'text');

  is((await text.locator('bdi').nth(1).innerText()).length, 300,
     'provider: a long text is cut');
  await text.getByRole('button', { name: 'Show all 301 characters' }).click();
  is((await text.locator('bdi').nth(1).innerText()).length, 301,
     'provider: until all of it is wanted');
  ok(await text.evaluate((item) => item.contains(document.activeElement)),
     'provider: and the focus stays there');
  await page.end('nested');
}

async function override(world) {
  const page = await world.openUser(GRETA, 'provider');
  const own = panel(page, 'user_metadata');
  const focused = () => own.area.evaluate((field) => {
    const { selectionStart, selectionEnd, value } = field;

    return document.activeElement === field
      && value.slice(selectionStart, selectionEnd);
  });

  await attribute(page, 'given_name').getByRole('button').click();
  await shows(own.area);
  is(await own.value(), { given_name: 'Greta' },
     'provider: override puts the attribute into the editor');
  await focused();
  is(await focused(), '"Greta"', 'provider: with the value selected');
  is(writes(page), [], 'provider: and stores nothing');

  await page.keyboard.type('"Margareta"');
  await page.goBack();
  await attribute(page, 'gender').getByRole('button').click();
  await shows(own.area);
  is(await own.value(), { given_name: 'Margareta', gender: 'female' },
     'provider: a second one is added to the text');
  await own.save.click();
  await shows(own.saved);
  is(writes(page),
     ['{"user_metadata":{"given_name":"Margareta","gender":"female"}}'],
     'provider: saved like any other');

  await page.getByRole('link', { name: 'Provider attributes' }).click();
  like(await attribute(page, 'given_name').innerText(),
       /Greta\s+overridden in user_metadata\s+Margareta/,
       'provider: it says what is overridden, and by what');
  ok(!/overridden/.test(await attribute(page, 'family_name').innerText()),
     'provider: and what is not');
  await page.getByRole('button', { name: 'Edit override of given_name' })
    .click();
  await shows(own.area);
  is(await focused(), '"Margareta"',
     'provider: an override that is there is edited');

  await own.area.fill('{}');
  await own.save.click();
  await shows(own.saved);
  await page.end('override');
}

async function broken(world) {
  const page = await world.openUser(GRETA, 'metadata');
  const own = panel(page, 'user_metadata');

  await shows(own.area);
  await own.area.fill('{"a": }');
  await page.getByRole('link', { name: 'Provider attributes' }).click();
  await attribute(page, 'gender').getByRole('button').click();
  await shows(own.section.getByText('First put right what is wrong'));
  is(await own.text(), '{"a": }', 'provider: a text with errors is kept');
  is(await own.area.evaluate((field) =>
    [document.activeElement === field, field.selectionStart]), [true, 6],
     'provider: and one is led to the error');
  await own.discard.click();
  await page.end('broken');
}

async function own(world) {
  const { id } = await world.user();
  const page = await world.openUser(id, 'provider');

  await shows(page.getByText('No provider sent more than the identity.'));
  is(await page.locator('.attributes').count(), 0,
     'provider: the names of a database user are not a provider’s');
  await page.end('own');
}
