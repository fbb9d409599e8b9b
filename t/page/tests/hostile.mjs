/* Whatever stands in a profile is text, and does no harm. */

import { is, like, ok } from '../../lib/tap.mjs';
import { answer, panel, shows, userHash } from '../lib/world.mjs';

const SCRIPT = '<script>alert(1)</script><img src=x onerror=alert(2)>';
const TURNED = 'user\u202egnp.exe';
const LONG = 'W'.repeat(10240);

const PARTS = [undefined, 'metadata', 'provider', 'raw'];

export default async function test(world) {
  await markup(world);
  await turned(world);
  await long(world);
  await names(world);
}

async function markup(world) {
  const { id } = await world.user({
    email: 'script@hostile.example',
    metadata: { user_metadata: { name: SCRIPT, [SCRIPT]: [SCRIPT] } },
  });
  const page = await world.open('#/users?q=script@hostile.example');

  await shows(page.locator('tbody a'));
  is(await page.locator('tbody a').innerText(), SCRIPT,
     'hostile: markup in the list is text');

  for (const part of PARTS) {
    await page.goto(world.page + userHash(id, part));
    await shows(page.getByRole('heading', { level: 1, name: SCRIPT }));
    is(await page.locator('main script, main img').count(), 0,
       `hostile: no element is made of it (${part ?? 'identity'})`);
  }
  is(await page.title(), `${SCRIPT} – Raw JSON`, 'hostile: not in the title');
  await page.end('markup');

  const served = await world.open('#/token');

  await answer(served, 'GET', 200, {
    user_id: `twitter|${SCRIPT}`, name: SCRIPT, picture: 'javascript:alert(3)',
    description: SCRIPT, [SCRIPT]: { [SCRIPT]: [SCRIPT] },
    identities: [{ provider: SCRIPT, connection: SCRIPT, user_id: SCRIPT,
                   profileData: { [SCRIPT]: SCRIPT } }],
    user_metadata: { picture: 'data:image/png;base64,AAAA' },
  });
  await served.getByRole('button', { name: 'Remote pictures' }).click();
  for (const part of PARTS) {
    await served.goto(world.page + userHash(`twitter|${SCRIPT}`, part));
    await shows(served.getByRole('heading', { level: 1, name: SCRIPT }));
    is(await served.locator('main script, main img').count(), 0,
       `hostile: nor of what a provider sent (${part ?? 'identity'})`);
  }
  await served.end('markup of a provider');

  const refused = await world.openUser(id, 'metadata');
  const own = panel(refused, 'user_metadata');

  await answer(refused, 'PATCH', 400, { message: SCRIPT, errorCode: SCRIPT });
  await shows(own.area);
  await own.area.fill('{}');
  await own.save.click();
  await shows(own.section.locator('.failure'));
  ok((await own.section.locator('.failure').innerText()).includes(SCRIPT),
     'hostile: markup in an error is text');
  await refused.end('markup in an error');
}

async function turned(world) {
  const page = await world.open('#/token');

  await answer(page, 'GET', 200, JSON.stringify({
    user_id: 'twitter|1', name: TURNED, email: `a\u0000\u2066b@example.com`,
    text: 'שלום עולם', user_metadata: { turned: TURNED },
  }));
  await page.goto(world.page + userHash('twitter|1'));
  await shows(page.locator('h1'));
  is(await page.locator('h1').innerText(), 'userU+202Egnp.exe',
     'hostile: a mark that turns the text is shown, and turns nothing');
  like(await page.locator('.user-head').innerText(), /aU\+0000U\+2066b@/,
       'hostile: and so is what nobody would see');
  await page.goto(world.page + userHash('twitter|1', 'provider'));
  await shows(page.getByText('שלום עולם'));
  ok(true, 'hostile: text from right to left is left alone');
  is(await page.locator('.attributes > li').evaluateAll((items) =>
    items.every((item) => getComputedStyle(item).direction === 'ltr')), true,
     'hostile: and turns nothing around it');
  await page.goto(world.page + userHash('twitter|1', 'metadata'));
  is(await panel(page, 'user_metadata').text(),
     '{\n  "turned": "user\\u202egnp.exe"\n}',
     'hostile: an escape where it is edited');
  await page.goto(world.page + userHash('twitter|1', 'raw'));
  await shows(page.locator('pre.raw'));
  ok(await page.locator('pre.raw bdi').evaluateAll((all) => all.every((one) =>
    getComputedStyle(one).unicodeBidi.startsWith('isolate'))),
     'hostile: each string of the raw text is on its own');
  await page.end('turned');
}

async function long(world) {
  const { id } = await world.user({
    email: 'long@hostile.example',
    metadata: { user_metadata: { name: LONG, [LONG]: LONG } },
  });

  for (const width of [360, 1280]) {
    const page = await world.open('#/users?q=long@hostile.example',
                                  { viewport: { width, height: 740 } });

    await shows(page.locator('tbody a'));
    await fits(page, `list at ${width}`);
    ok((await page.locator('tbody tr').boundingBox()).height < 200,
       'hostile: 10 kB of a name are cut in the list');

    for (const part of PARTS) {
      await page.goto(world.page + userHash(id, part));
      await shows(page.locator('h1'));
      await fits(page, `${part ?? 'identity'} at ${width}`);
      ok((await page.locator('.user-head').boundingBox()).height < 740,
         'hostile: 10 kB of a name leave room for the rest');
    }
    await page.end(`long at ${width}`);
  }
}

async function fits(page, name) {
  is(await page.evaluate(() => document.documentElement.scrollWidth
     - innerWidth), 0, `hostile: 10 kB are no wider than the screen: ${name}`);
}

/* Names that an object of the language has already. */

async function names(world) {
  const odd = '{"__defineGetter__":{"polluted":true},"isPrototypeOf":1,'
    + '"toString":2,"":3,"hasOwnProperty":null}';
  const { id } = await world.user({ metadata: `{"app_metadata":${odd}}` });
  const page = await world.openUser(id, 'metadata');
  const own = panel(page, 'app_metadata');

  await shows(own.area);
  is(await own.text(), '{\n  "__defineGetter__": {\n    "polluted": true\n'
     + '  },\n'
     + '  "isPrototypeOf": 1,\n  "toString": 2,\n  "": 3\n}',
     'hostile: names like those of objects are names');
  await own.area.fill('{"__defineGetter__": {"polluted": 1}, '
                      + '"isPrototypeOf": 1, "toString": 2, "valueOf": 3}');
  is(await own.state.innerText(),
     'Will be sent: __defineGetter__ (changed), valueOf (new), '
     + '"" (removed)',
     'hostile: and are compared as such');
  await own.save.click();
  await shows(own.saved);
  ok((await world.read(id)).includes('"__defineGetter__":{"polluted": 1}'),
     'hostile: and stored as such');
  await page.end('names');
}
