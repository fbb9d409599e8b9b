/* One user: by every kind of id, in part, by e-mail, and one that is not. */

import { is, ok } from '../../lib/tap.mjs';
import { failure } from '../lib/world.mjs';

export default async function test(world) {
  const v1 = await world.all();
  const odd = v1.map((user) => user.user_id)
    .filter((id, n) => n < 12 || /[^\w|.@-]/.test(id));

  for (const sdk of world.sdks) {
    await ids(world, sdk, odd);
    await whole(sdk);
    await parts(sdk);
    await byEmail(sdk);
    await nobody(world, sdk);
  }
}

/* A user is the same alone and in a list. */

async function ids(world, sdk, wanted) {
  const listed = new Map((await sdk.list({ per_page: 100 }))
    .map((user) => [user.user_id, user]));

  ok(['/', '+', '%', ' ', '?', '#', 'é'].every((c) =>
    wanted.some((id) => id.includes(c))), `${sdk.name}: U2.1 ids of all kinds`);

  for (const id of wanted) {
    is(await sdk.get(id), listed.get(id), `${sdk.name}: U2.1 ${id}`);
  }
}

async function whole(sdk) {
  const user = await sdk.get('facebook|100200300');

  is(user.age_range, { min: 21 }, `${sdk.name}: M2.7 what the provider sent`);
  is(user.app_metadata, { plan: 'gold', favorite_color: 'red' },
     `${sdk.name}: M2 app_metadata`);
  is(user.user_metadata, { theme: 'dark' }, `${sdk.name}: M2 user_metadata`);
  is(user.last_login, '2014-10-16T11:53:44.198Z', `${sdk.name}: M2 renamed`);
  is(user.logins_count, 40, `${sdk.name}: M2 a number`);
  is(user.identities, [{ provider: 'facebook', user_id: '100200300',
                         connection: 'facebook', isSocial: true }],
     `${sdk.name}: M4 no token`);
  ok(!('_id' in user) && !('lastLogin' in user) && !('plan' in user),
     `${sdk.name}: M2 nothing of v1`);
}

async function parts(sdk) {
  const { name } = sdk;
  const id = 'ad|corp/eu|ken';

  is(await sdk.get(id, { fields: 'user_id,email', include_fields: true }),
     { user_id: id, email: 'ken@corp.example' }, `${name}: U5.3 fields`);
  is(await sdk.get(id, { fields: 'app_metadata' }),
     { app_metadata: { desk: '7F-032' } }, `${name}: U5.3 a container`);

  const { groups, dn, ...rest } = await sdk.get(id);

  ok(groups && dn, `${name}: U5.3 all without fields`);
  is(await sdk.get(id, { fields: 'groups,dn', include_fields: false }), rest,
     `${name}: U5.3 all others`);
}

async function byEmail(sdk) {
  const { name } = sdk;
  const found = await sdk.byEmail({ email: 'ana@example.com' });

  is(found.map((user) => user.user_id).sort(),
     ['auth0|52e1b0a1c3d4e5f6071829ac', 'facebook|100200302'],
     `${name}: U5.4 who has this address, and none that has a longer one`);
  is(found[0], await sdk.get(found[0].user_id), `${name}: U5.4 whole users`);
  is(await sdk.byEmail({ email: 'lee+news@contoso.example',
                         fields: 'user_id', include_fields: true }),
     [{ user_id: 'waad|a+b+c' }], `${name}: U1 a plus sign, and fields`);
  is(await sdk.byEmail({ email: 'nobody@example.com' }), [],
     `${name}: U5.4 nobody`);

  for (const email of ['', '"', 'a*', 'a\\']) {
    const error = await failure(sdk.byEmail({ email }));

    ok(error instanceof sdk.errorClass('BadRequestError'),
       `${name}: U1 no address: ${JSON.stringify(email)}`);
  }
}

async function nobody(world, sdk) {
  const error = await failure(sdk.get('auth0|nobody'));

  ok(error instanceof sdk.errorClass('NotFoundError'),
     `${sdk.name}: U6 no such user`);
  is(sdk.errorBody(error), {
    statusCode: 404, error: 'Not Found',
    message: 'The user does not exist.', errorCode: 'inexistent_user',
  }, `${sdk.name}: U6 in v1's words`);

  world.asked();
  for (const id of ['', '.', '..', '/', 'x/../y', '../users', ' ', '\0']) {
    ok(await failure(sdk.get(id)), `${sdk.name}: U2.1 ${JSON.stringify(id)}`);
  }
  is(world.calls(), [], `${sdk.name}: U2.1 nothing is sent`);
}
