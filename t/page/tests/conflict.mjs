/* Someone else changed the user meanwhile: shown before it is overwritten. */

import { is, like, ok } from '../../lib/tap.mjs';
import { panel, shows, writes } from '../lib/world.mjs';

export default async function test(world) {
  await overwrite(world);
  await keep(world);
  await noConflict(world);
}

/* A view whose text is {a: mine, b: 2, mine: 1}, on {a: 1, b: 2, c: 3}. */

async function begin(world) {
  const { id } = await world.user({ metadata: {
    app_metadata: { a: 1, b: 2, c: 3 } } });
  const page = await world.openUser(id, 'metadata');
  const app = panel(page, 'app_metadata');

  await shows(app.area);
  await app.area.fill('{"a": "mine", "b": 2, "mine": 1}');
  return { id, page, app, stored: async () =>
    JSON.parse(await world.read(id)).app_metadata };
}

async function overwrite(world) {
  const { id, page, app, stored } = await begin(world);
  const conflict = app.section.locator('.conflict');

  await world.patch(id, { app_metadata: { a: 'theirs', c: 'theirs', d: 4 } });
  await app.save.click();
  await shows(conflict);
  is(writes(page), [], 'conflict: nothing is overwritten before it is shown');
  is((await conflict.innerText()).split(/\n+/).slice(1, -2), [
    'a', 'when you began', '1', 'stored now', '"theirs"', 'yours', '"mine"',
    'c', 'when you began', '3', 'stored now', '"theirs"', 'yours', 'not there',
  ], 'conflict: what each side has of each member');
  is(await page.evaluate(() => document.activeElement.textContent),
     'Not saved: someone else changed the same meanwhile',
     'conflict: the focus is there');
  like(await page.locator('#live').innerText(), /someone else changed/,
       'conflict: and it is said');

  /* again, while one is looking at it */

  await world.patch(id, { app_metadata: { a: 'theirs again' } });
  await conflict.getByRole('button', { name: 'Overwrite with mine' }).click();
  await shows(conflict.getByText('"theirs again"'));
  is(writes(page), [], 'conflict: a third version is shown as well');
  ok(!/\nc\n/.test(await conflict.innerText()),
     'conflict: but not what one has decided on');

  await conflict.getByRole('button', { name: 'Overwrite with mine' }).click();
  await shows(app.saved);
  is(await stored(), { a: 'mine', b: 2, d: 4, mine: 1 },
     'conflict: overwritten, what nobody here touched is kept');
  is(await app.value(), await stored(), 'conflict: the text is what is stored');
  await page.end('conflict');
}

async function keep(world) {
  const { id, page, app, stored } = await begin(world);

  await world.patch(id, { app_metadata: { a: { their: 's' }, c: 'theirs' } });
  await app.save.click();
  await app.section.getByRole('button', { name: 'Keep what is stored' })
    .click();
  is(await app.value(), { a: { their: 's' }, b: 2, mine: 1, c: 'theirs' },
     'conflict: the text holds what is stored and the other changes');
  is(await app.state.innerText(), 'Will be sent: mine (new)',
     'conflict: which are all that is left to send');
  is(writes(page), [], 'conflict: nothing was sent yet');
  await app.save.click();
  await shows(app.saved);
  is(writes(page), ['{"app_metadata":{"mine":1}}'], 'conflict: and sent');
  is(await stored(), { a: { their: 's' }, b: 2, c: 'theirs', mine: 1 },
     'conflict: nobody lost a change');
  await page.end('keep');

  const other = await begin(world);

  await world.patch(other.id, { app_metadata: { a: null } });
  await other.app.save.click();
  await other.app.section.getByRole('button', { name: 'Keep what' }).click();
  is(await other.app.value(), { b: 2, mine: 1 },
     'conflict: what someone removed goes from the text');
  await other.page.end('keep removed');
}

async function noConflict(world) {
  const { id, page, app, stored } = await begin(world);

  await world.patch(id, '{"app_metadata":{"b":5,"a":"mine","c":null}}');
  await app.save.click();
  await shows(app.saved);
  is(writes(page), ['{"app_metadata":{"a":"mine","mine":1,"c":null}}'],
     'conflict: the same change is none, and other members are not touched');
  is(await stored(), { a: 'mine', b: 5, mine: 1 }, 'conflict: both are kept');
  is(await app.value(), await stored(), 'conflict: and both are shown');
  await page.end('no conflict');
}
