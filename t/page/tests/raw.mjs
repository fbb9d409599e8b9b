/* The whole user as served, to the digit, and to copy. */

import { is, ok } from '../../lib/tap.mjs';
import { shows } from '../lib/world.mjs';

const NIA = 'auth0|52e1b0a1c3d4e5f6071829aa';

export default async function test(world) {
  const served = await world.read(NIA);
  const page = await world.openUser(NIA, 'raw',
    { permissions: ['clipboard-read', 'clipboard-write'] });
  const pre = page.locator('pre.raw');
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

  await shows(pre);
  const indented = await pre.textContent();

  ok(indented.split('\n').length > 10, 'raw: indented');
  is(indented.replace(/\n */g, '').replaceAll('": ', '":'), served,
     'raw: but for white space it is what was served');
  for (const digits of ['9007199254740993', '1e400', '1.0', '-0', '2.50E-3',
                        '123456789012345678901234567890']) {
    ok(served.includes(digits) && indented.includes(`: ${digits}`),
       `raw: ${digits} as it is`);
  }
  await page.getByRole('button', { name: 'Copy' }).click();
  await shows(page.getByText('Copied.'));
  is(await clipboard(), indented, 'raw: copied');

  await page.getByLabel('White space as served').check();
  is(await pre.textContent(), served, 'raw: byte for byte');
  await page.getByRole('button', { name: 'Copy' }).click();
  await shows(page.getByText('Copied.'));
  is(await clipboard(), served, 'raw: and copied so');

  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error('no'));
  });
  await page.getByRole('button', { name: 'Copy' }).click();
  await shows(page.getByText('Selected: copy it with Ctrl+C.'));
  is(await page.evaluate(() => String(getSelection())), served,
     'raw: selected where it cannot be copied');
  await page.end('raw');
}
