/* Both editors: errors while one types, what a save sends, what stays. */

import { is, like, ok } from '../../lib/tap.mjs';
import { panel, shows, until, userHash, writes } from '../lib/world.mjs';

const BIG = '9007199254740993';
const LONG = '0.12345678901234567890';

export default async function test(world) {
  await editors(world);
  await errors(world);
  await save(world);
  await digits(world);
  await nothing(world);
  await both(world);
  await leave(world);
}

async function editors(world) {
  const { id } = await world.user({ metadata: {
    user_metadata: { color: 'teal' },
    app_metadata: { plan: { name: 'full', seats: [1, 2] }, note: 'a\u202eb' },
  } });
  const page = await world.openUser(id, 'metadata');
  const app = panel(page, 'app_metadata');

  await shows(app.area);
  is(await panel(page, 'user_metadata').text(), '{\n  "color": "teal"\n}',
     'metadata: user_metadata, indented');
  is(await app.text(), '{\n  "plan": {\n    "name": "full",\n    "seats": [\n'
     + '      1,\n      2\n    ]\n  },\n  "note": "a\\u202eb"\n}',
     'metadata: app_metadata, nothing hidden in it');
  is(await app.section.locator('.gutter').innerText(),
     '1\n2\n3\n4\n5\n6\n7\n8\n9\n10', 'metadata: line numbers');
  like(await app.section.innerText(), /The application’s: [^.]+\./,
       'metadata: a sentence on app_metadata');
  like(await panel(page, 'user_metadata').section.innerText(),
       /The user’s own: [^.]+\./, 'metadata: a sentence on user_metadata');
  like(await page.locator('.tabs a.metadata').innerText(), /1 user, 2 app/,
       'metadata: the tab counts the members');
  await page.end('editors');
}

async function errors(world) {
  const { id } = await world.user();
  const page = await world.openUser(id, 'metadata');
  const { area, state, save, section } = panel(page, 'user_metadata');
  const cases = [
    ['{\n  "a": 1\n  "b": 2\n}', 'Line 3, column 3: a comma or } is missing.'],
    ['{"a": 01}', 'Line 1, column 7: no number begins with 0.'],
    ['{"a": 1, "a": 2}', 'Line 1, column 10: this name stands here twice.'],
    ['[1]', 'Line 1, column 1: metadata is an object, {} the empty one.'],
    ['', 'Line 1, column 1: a value is missing here.'],
  ];

  for (const [text, message] of cases) {
    await area.fill(text);
    is(await state.locator('.warn').innerText(), message,
       `metadata: ${JSON.stringify(text)}`);
    is(await area.getAttribute('aria-invalid'), 'true',
       'metadata: the field is marked');
  }
  await area.fill('');
  await area.pressSequentially('{"x": [tru');
  is(await state.locator('.warn').innerText(),
     'Line 1, column 8: a value is missing here.',
     'metadata: told while one types');
  await area.pressSequentially('e]}');
  is(await state.innerText(), 'Will be sent: x (new)',
     'metadata: and gone with the last character');
  is(await area.getAttribute('aria-invalid'), 'false', 'metadata: no mark');

  await area.fill('{\n  "a": 1,\n  "b": oops\n}');
  is(await section.locator('.gutter .wrong').innerText(), '3',
     'metadata: the line is marked');
  ok(await until(async () => (await page.locator('#live').innerText())
    .includes('Line 3, column 8')), 'metadata: and said after a pause');
  await page.getByRole('button', { name: 'Go there' }).click();
  is(await area.evaluate((field) =>
    [document.activeElement === field, field.selectionStart]), [true, 19],
     'metadata: one step leads to the error');
  await page.locator('h1').click();
  await save.click();
  is(await area.evaluate((field) =>
    [document.activeElement === field, field.selectionStart]), [true, 19],
     'metadata: saving leads there too');
  is(writes(page), [], 'metadata: and sends nothing');
  await page.end('errors');
}

async function save(world) {
  const { id } = await world.user({ metadata: {
    user_metadata: { hobby: 'surf', lang: 'de', keep: 'x', name: 'Old Name' },
    app_metadata: { plan: 'full' },
  } });
  const page = await world.openUser(id, 'metadata');
  const own = panel(page, 'user_metadata');

  await shows(own.area);
  await own.area.fill('{"keep":  "x", "name": "New Name",\n'
                      + ' "lang": null, "deep": {"a" : [1.50]}, "gone": null}');
  is(await own.state.innerText(), 'Will be sent: name (changed), '
     + 'lang (removed), deep (new), hobby (removed)',
     'metadata: what is going to be sent');
  await own.save.click();
  await shows(own.saved);
  is(writes(page), ['{"user_metadata":{"name":"New Name","lang":null,'
     + '"deep":{"a" : [1.50]},"hobby":null}}'],
     'metadata: only what changed, as it was typed, null for what is gone');
  is(await own.text(), '{\n  "keep": "x",\n  "name": "New Name",\n'
     + '  "deep": {\n    "a": [\n      1.50\n    ]\n  }\n}',
     'metadata: the text is what is stored now');
  like(await page.locator('#live').innerText(), /Saved name \(changed\)/,
       'metadata: which is said');
  is(await page.getByRole('heading', { level: 1 }).innerText(), 'New Name',
     'metadata: the name above is the new one');
  is(await own.state.innerText(), '', 'metadata: nothing left to send');
  ok((await world.read(id)).includes('"deep":{"a" : [1.50]}'),
     'metadata: it is stored');
  is(JSON.parse(await world.read(id)).app_metadata, { plan: 'full' },
     'metadata: and the other container untouched');

  await own.area.fill('{}');
  await own.save.click();
  await shows(own.saved);
  is(writes(page)[1],
     '{"user_metadata":{"keep":null,"name":null,"deep":null}}',
     'metadata: an empty object removes all, member by member');
  is(await own.text(), '{}', 'metadata: nothing is left of it');
  is(JSON.parse(await world.read(id)).user_metadata, {},
     'metadata: which is stored');
  await page.end('save');
}

async function digits(world) {
  const { id } = await world.user();
  const page = await world.openUser(id, 'metadata');

  await world.patch(id,
    `{"app_metadata":{"ledger":${BIG},"price":1.0,"n":-0}}`);
  await page.reload();

  const app = panel(page, 'app_metadata');

  await shows(app.area);
  is(await app.text(), `{\n  "ledger": ${BIG},\n  "price": 1.0,\n  "n": -0\n}`,
     'metadata: numbers to the digit');
  await app.area.fill(`{"ledger": ${BIG}, "price": 1, "n": -0, "m": ${LONG}}`);
  await app.save.click();
  await shows(app.saved);
  is(writes(page), [`{"app_metadata":{"price":1,"m":${LONG}}}`],
     'metadata: 1.0 to 1 is a change, what no double holds is sent');
  ok((await world.read(id)).includes(`"ledger":${BIG}`),
     'metadata: and the rest is not touched');
  await page.end('digits');
}

async function nothing(world) {
  const { id } = await world.user({ metadata: { user_metadata: { a: 'ä' } } });
  const page = await world.openUser(id, 'metadata');
  const own = panel(page, 'user_metadata');

  await shows(own.area);
  await own.area.fill(' {"a"  :\n"\\u00e4", "b": null}');
  await own.save.click();
  await shows(own.section.getByText('Nothing to save'));
  is(writes(page), [], 'metadata: another way to write the same is no change');
  await own.discard.click();
  is(await own.text(), '{\n  "a": "ä"\n}', 'metadata: discarded');
  like(await page.locator('#live').innerText(), /Discarded/,
       'metadata: which is said');
  await page.end('nothing');
}

async function both(world) {
  const { id } = await world.user();
  const page = await world.openUser(id, 'metadata');
  const own = panel(page, 'user_metadata');
  const app = panel(page, 'app_metadata');

  await shows(own.area);
  await own.area.fill('{"half": ');
  await app.area.fill('{"plan": "x"}');
  await app.save.click();
  await shows(app.saved);
  is(await own.text(), '{"half": ',
     'metadata: saving one leaves the other alone');
  like(await page.locator('.tabs a.metadata').innerText(), /not saved/,
       'metadata: the tab tells of a text not saved');
  await own.discard.click();
  ok(!/not saved/.test(await page.locator('.tabs a.metadata').innerText()),
     'metadata: and when there is none any more');
  await page.end('both');
}

async function leave(world) {
  const { id } = await world.user();
  const page = await world.openUser(id, 'metadata');
  const { area, save, saved } = panel(page, 'user_metadata');
  const text = () => area.inputValue();

  await shows(area);
  await area.fill('{"draft": "broken');
  await page.getByRole('link', { name: 'Raw JSON' }).click();
  await shows(page.locator('pre.raw'));
  await page.getByRole('link', { name: /^Metadata/ }).click();
  is(await text(), '{"draft": "broken', 'metadata: kept over another part');
  await page.getByRole('link', { name: 'Users' }).click();
  await shows(page.locator('table.users'));
  await page.goto(world.page + userHash(id, 'metadata'));
  await shows(area);
  is(await text(), '{"draft": "broken', 'metadata: kept over another view');

  /* the browser asks before a text is lost, and dialogs are trouble here */

  await page.evaluate(() => location.reload()).catch(() => undefined);
  ok(await until(() => page.trouble.some((text) => /^dialog/.test(text))),
     'metadata: the browser asks before the page is left');
  page.trouble.length = 0;

  await shows(area);
  await area.fill('{"draft": 1}');
  await slowly(page);
  await save.click();
  await page.getByRole('link', { name: 'Identity' }).click();
  await shows(page.getByRole('heading', { name: 'Identities' }));
  await page.getByRole('link', { name: /^Metadata/ }).click();
  ok(await area.evaluate((field) => field.readOnly),
     'metadata: still being saved after a look elsewhere');
  await page.evaluate(() => window.go());
  await shows(saved);
  is(await text(), '{\n  "draft": 1\n}', 'metadata: and then saved');
  await page.end('leave');
}

/* Holds writes back until the page calls go(). */

async function slowly(page) {
  let go;
  const gate = new Promise((resolve) => go = resolve);

  await page.exposeFunction('go', go);
  await page.route('**/api/v2/**', async (route) => {
    if (route.request().method() === 'PATCH') await gate;
    await route.continue();
  });
}
