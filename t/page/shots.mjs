/*
 * Takes the screenshots of the README from a running demo:
 *
 *     PROFILE_URL=http://127.0.0.1:8080 node shots.mjs DIRECTORY
 *
 * With --all also one of each view, narrow and wide: to be looked at.
 */

import { World, panel, shows, userHash } from './lib/world.mjs';

const PRIYA = 'github|4242';
const OVERRIDES = { nickname: 'Pri', company: 'Kolam Labs, Chennai' };

const VIEWS = {
  list: '#/users', search: '#/users?q=example.org', token: '#/token',
  identity: userHash(PRIYA), metadata: userHash(PRIYA, 'metadata'),
  provider: userHash(PRIYA, 'provider'), raw: userHash(PRIYA, 'raw'),
  linked: userHash('google-oauth2|103547991500000000002', 'provider'),
  nested: userHash('facebook|100200300', 'provider'),
  missing: userHash('nobody'),
};

const [directory, all] = process.argv.slice(2);
const world = new World(process.env.PROFILE_URL);

async function shoot(page, name, fullPage = true) {
  await shows(page.locator('table, .card, .failure'));
  await page.screenshot({ path: `${directory}/${name}.png`, fullPage });
}

async function readme(colorScheme) {
  const page = await world.openUser(PRIYA, 'provider', {
    colorScheme, viewport: { width: 1100, height: 760 } });

  await shoot(page, `user-${colorScheme}`, false);
  await page.end(colorScheme);
}

async function views(colorScheme, width) {
  const page = await world.open('#/token', {
    colorScheme, viewport: { width, height: 800 } });
  const name = (view) => `${view}-${colorScheme}-${width}`;
  const app = panel(page, 'app_metadata');

  for (const [view, hash] of Object.entries(VIEWS)) {
    await page.goto(world.page + hash);
    await page.waitForLoadState('networkidle');
    await shoot(page, name(view));
  }
  await page.goto(world.page + VIEWS.metadata);
  await app.area.fill('{"team": "web",\n "beta_features": }');
  await shoot(page, name('error'));
  await app.area.fill('{"blocked": true, "team": "web"}');
  await app.save.click();
  await shows(app.section.locator('.failure'));
  await shoot(page, name('refusal'));
  await app.area.fill('{"team": "web"}');
  await world.patch(PRIYA, { app_metadata: { team: `x${Math.random()}` } });
  await app.save.click();
  await shows(app.section.locator('.conflict'));
  await shoot(page, name('conflict'));
  await app.section.getByRole('button', { name: 'Overwrite' }).click();
  await shows(app.saved);
  await shoot(page, name('saved'));
  await world.patch(PRIYA, { app_metadata: { team: 'docs',
                                             beta_features: true } });
  await page.end(name('views'));
}

await world.start();
await world.patch(PRIYA, { user_metadata: OVERRIDES });
for (const colorScheme of ['light', 'dark']) {
  await readme(colorScheme);
  for (const width of all ? [360, 1280, 2000] : []) {
    await views(colorScheme, width);
  }
}
await world.patch(PRIYA, { user_metadata: {} });
await world.stop();
