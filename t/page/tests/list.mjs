/* The list of users: what it shows, pages, the search. */

import { is, like, ok } from '../../lib/tap.mjs';
import { answer, shows, until, userHash } from '../lib/world.mjs';

export default async function test(world) {
  await rows(world);
  await pages(world);
  await search(world);
  await odd(world);
}

function cells(page, name) {
  return page.locator('tbody tr').filter({ hasText: name }).first()
    .locator('th, td').allInnerTexts();
}

async function rows(world) {
  const page = await world.open();

  await shows(page.locator('tbody tr'));
  is(await page.locator('thead th').allInnerTexts(),
     ['User', 'E-mail', 'Providers', 'Last login (UTC)'], 'list: its columns');
  is(await page.locator('tbody tr').count(), 25, 'list: a page of it');

  const [user, ...others] = await cells(page, 'Priya Raman');

  is(user.trim(), 'PRPriya Raman',
     'list: picture or initials, and name');
  is(others, ['priya@example.org', 'github', '2014-12-26 10:47'],
     'list: e-mail, provider, last login');
  is((await cells(page, 'Sam Two')).slice(2),
     ['google-oauth2 twitter', 'never'],
     'list: all providers, no login');
  is((await cells(page, '+14255550129'))[1], '+14255550129',
     'list: the number of a user without e-mail');

  await page.getByRole('cell', { name: 'priya@example.org' })
    .click({ force: true });
  await shows(page.getByRole('heading', { level: 1, name: 'Priya Raman' }));
  ok(page.url().endsWith(userHash('github|4242')),
     'list: a row opens the user');
  await page.end('list');
}

async function pages(world) {
  const page = await world.open();
  const pages = page.getByRole('navigation', { name: 'Pages' });
  const first = page.locator('tbody tr').first();

  await shows(pages);
  is(await pages.innerText(), '← Previous\n1–25 of more\nNext →',
     'list: first page, more to come');
  is(await pages.getByRole('link').count(), 1, 'list: nothing before it');
  await pages.getByRole('link', { name: 'Next' }).click();
  await shows(page.getByText('26–50 of more'));
  like(page.url(), /#\/users\?page=2$/, 'list: a page has an address');

  const second = await first.innerText();

  await page.reload();
  await shows(page.getByText('26–50 of more'));
  is(await first.innerText(), second, 'list: which leads back to it');
  await pages.getByRole('link', { name: 'Previous' }).click();
  await shows(page.getByText('1–25 of more'));
  ok(await first.innerText() !== second, 'list: back to the first page');

  await lastPage(page, pages);
  await page.goto(`${world.page}#/users?page=9999`);
  await shows(page.getByText('There are no users on page 9999.'));
  await page.getByRole('link', { name: 'Show all users' }).click();
  ok(await shows(page.getByText('1–25 of more')), 'list: from too far back');
  await page.end('list');

  const counted = await world.open('#/token');

  await answer(counted, 'GET', 200, { start: 0, limit: 25, length: 1, total: 77,
                                      users: [{ user_id: 'a|1', name: 'A' }] });
  await counted.goto(`${world.page}#/users`);
  ok(await shows(counted.getByText('1–1 of 77')),
     'list: the total where the backend has one');
  await counted.end('list');
}

async function lastPage(page, pages) {
  let number = 1;

  for (;;) {
    const next = pages.getByRole('link', { name: 'Next' });

    if (!await next.count()) break;
    await next.click();
    number++;
    await shows(page.getByText(`${25 * number - 24}–`));
  }

  const [, start, end, total] = /(\d+)–(\d+) of (\d+)/
    .exec(await pages.innerText()).map(Number);

  ok(number > 4 && start === 25 * number - 24, 'list: paged to the end');
  is(end, total, 'list: where the count is known');
  is(await page.locator('tbody tr').count(), end - start + 1,
     'list: the rows that were told');
}

async function search(world) {
  const { email } = await world.user({ email: 'findme+tag@search.example' });
  const page = await world.open();
  const field = page.getByRole('searchbox', { name: 'E-mail or query' });
  const rows = page.locator('tbody tr');

  await field.fill('findme+tag@search.example');
  await field.press('Enter');
  ok(await until(async () => await rows.count() === 1
    && (await rows.innerText()).includes(email)), 'list: found by e-mail');
  like(page.url(), /#\/users\?q=findme%2Btag%40search.example$/,
       'list: a search has an address');
  is(await field.inputValue(), email, 'list: the search stays in its field');

  await field.fill('  email.domain:example.org ');
  await page.getByRole('button', { name: 'Search' }).click();
  await shows(page.getByRole('link', { name: 'Priya Raman' }));
  ok((await page.locator('td:nth-child(2)').allInnerTexts())
     .every((text) => text.endsWith('@example.org')), 'list: by a query');
  like(await page.getByRole('navigation', { name: 'Pages' }).innerText(),
       /1–\d+ of \d+ found/, 'list: a search counts');

  await field.fill('name:priya* ramen');
  await field.press('Enter');
  await shows(page.locator('.failure.refused'));
  like(await page.locator('.failure').innerText(),
       /refused this\s+The argument "q" .* expected .* at character 13\./,
       'list: a query that cannot be read, and where');

  await field.fill('name:"no\\"bo\\\\dy"');
  await field.press('Enter');
  await shows(page.getByText('Nobody is found by “name:"no\\"bo\\\\dy"”.'));
  await page.getByRole('link', { name: 'Show all users' }).click();
  await shows(page.getByText('1–25 of more'));
  ok(true, 'list: nobody found, and back to all');
  await page.end('list search');

  const partial = await world.open('#/token');

  await partial.route('**/api/v2/**', (route) => route.fulfill({
    json: { total: 30, users: [{ user_id: 'a|1', name: 'A' }] },
    headers: { 'X-Profile-Unreadable': '2' },
  }));
  await partial.goto(`${world.page}#/users?q=name:a`);
  ok(await shows(partial.getByText('1–1 of at least 30 found')),
     'list: a search that some could not be read for');
  await partial.end('list search of some');
}

async function odd(world) {
  const page = await world.open('#/token');

  await answer(page, 'GET', 200, {
    users: [
      { user_id: 'a|1', identities: 'none', user_metadata: { name: 'Zoë' } },
      { identities: [] },
      { user_id: 'a|2', blocked: true, email: 'blocked@example.com' },
      'no user',
    ],
  });
  await page.goto(`${world.page}#/users`);
  await shows(page.locator('tbody tr'));
  is((await page.locator('tbody th').allInnerTexts())
    .map((text) => text.replace(/\s+/g, ' ')),
     ['ZZoë', 'ANA user without a name', 'Bblocked@example.com blocked'],
     'list: overridden, nameless and blocked users');
  is(await page.locator('tbody a').count(), 2,
     'list: without an id there is nothing to open');
  await page.end('odd list');
}
