/* New users: what is stored, what comes back, and what is refused. */

import { is, like, ok } from '../../lib/tap.mjs';
import { DATABASE, failure, segment } from '../lib/world.mjs';

export default async function test(world) {
  for (const sdk of world.sdks) {
    await database(world, sdk);
    await passwordless(world, sdk);
    await attributes(world, sdk);
    await refused(world, sdk);
  }
}

async function database(world, sdk) {
  const { name } = sdk;
  const email = world.address();
  const metadata = {
    user_metadata: { hobby: 'surf', 'größe': [1, { a: null }], gone: null },
    app_metadata: { plan: 'full', nested: { deep: [[]] }, gone: null },
  };

  world.asked();

  const user = await sdk.create({
    connection: DATABASE, email, password: 'secret-1', email_verified: true,
    verify_email: false, ...metadata,
  });

  is(world.calls(), [`POST /api/users/ {"email":"${email}",`
     + '"password":"secret-1","email_verified":true,"um_hobby":"surf",'
     + '"um_größe":[1,{"a":null}],"plan":"full","nested":{"deep":[[]]},'
     + `"connection":"${DATABASE}"}`],
     `${name}: U1 one call, without options that v1 does not know`);

  like(user.user_id, /^auth0\|\w+$/, `${name}: U1 the new id`);
  is(user.email, email, `${name}: U1 the address`);
  is(user.email_verified, true, `${name}: U1 verified`);
  is(user.user_metadata, { hobby: 'surf', 'größe': [1, { a: null }] },
     `${name}: U3.4 user_metadata, without what is null`);
  is(user.app_metadata, { plan: 'full', nested: { deep: [[]] } },
     `${name}: U3.4 app_metadata, without what is null`);
  is(await sdk.get(user.user_id), user, `${name}: U1 read back`);

  const v1 = await world.v1.getUser(segment(user.user_id));

  is([v1.plan, v1.um_hobby], ['full', 'surf'], `${name}: U3 v1 sees both`);

  const error = await failure(sdk.create({ connection: DATABASE, email,
                                           password: 'secret-1' }));

  ok(error instanceof sdk.errorClass('ConflictError'),
     `${name}: U6 an address that is taken`);
  is(sdk.errorBody(error), {
    statusCode: 409, error: 'Conflict',
    message: 'The user already exists.', errorCode: 'auth0_idp_error',
  }, `${name}: U6 in v1's words`);
}

async function passwordless(world, sdk) {
  const phone = `+1425555${1000 + world.made++}`;
  const user = await sdk.create({ connection: 'sms', phone_number: phone,
                                  phone_verified: false });

  like(user.user_id, /^sms\|/, `${sdk.name}: U1 a user with a phone`);
  is([user.phone_number, user.phone_verified], [phone, false],
     `${sdk.name}: U1 its number`);
  is((await sdk.get(user.user_id)).phone_number, phone,
     `${sdk.name}: U1 read back`);
}

/*
 * v1 keeps as metadata what it does not know: it hides its own value then.
 * What it acts on must not be among that.
 */

async function attributes(world, sdk) {
  const { name } = sdk;
  const user = await sdk.create({
    connection: DATABASE, email: world.address(), password: 'secret-1',
    name: 'Jo Ann', given_name: 'Jo', blocked: false,
    user_metadata: { name: 'mine' },
  });

  is([user.name, user.given_name], ['Jo Ann', 'Jo'],
     `${name}: U1 writable attributes of a create are shown`);
  is((await world.v1.getUser(segment(user.user_id))).blocked, undefined,
     `${name}: U3.8 what is so of each new user is not stored`);
  is(user.user_metadata, { name: 'mine' },
     `${name}: U3.1 and leave metadata alone`);
  is(user.app_metadata, {}, `${name}: U3.1 in both containers`);
}

async function refused(world, sdk) {
  const { name } = sdk;
  const base = { connection: DATABASE, email: world.address(),
                 password: 'secret-1' };

  world.asked();
  for (const [more, names, errorCode] of [
    [{ last_login: 'x', logins_count: 1 }, 'last_login, logins_count',
     'operation_not_supported'],
    [{ phone_number: '+1' }, 'phone_number', 'operation_not_supported'],
    [{ blocked: true }, 'blocked', 'operation_not_supported'],
    [{ plan: 'x' }, 'plan', 'operation_not_supported'],
    [{ app_metadata: { email: 'x' } }, 'app_metadata.email', 'invalid_body'],
    [{ user_metadata: { 'a.b': 1 } }, 'user_metadata.a.b', 'invalid_body'],
  ]) {
    const error = await failure(sdk.create({ ...base, ...more }));

    ok(error instanceof sdk.errorClass('BadRequestError'),
       `${name}: H5 refused: ${names}`);
    is(sdk.errorBody(error).errorCode, errorCode, `${name}: H5 why: ${names}`);
    ok(sdk.errorBody(error).message.includes(`: ${names}.`),
       `${name}: H5 named: ${names}`);
  }
  is(world.calls(), [], `${name}: H5 nothing is sent`);

  const error = await failure(sdk.create({ ...base, password: 'x' }));

  is(sdk.errorBody(error).message, 'PasswordStrengthError: Password is too '
     + 'weak', `${name}: U6 what the backend refuses`);
}
