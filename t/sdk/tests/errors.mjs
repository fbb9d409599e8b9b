/*
 * Errors of backends become what the SDKs make their own errors of (U6): the
 * backend fails as the id says.
 */

import { is, ok } from '../../lib/tap.mjs';
import { v1Client, v2Clients } from '../lib/clients.mjs';
import { DATABASE, failure } from '../lib/world.mjs';

/* The id, and what the client gets. */

const FAILURES = [
  ['401', 401, 'Unauthorized', 'Expired'],
  ['402', 402, 'Payment Required', 'Pay first'],
  ['403', 403, 'Forbidden', 'Insufficient scope'],
  ['404', 404, 'Not Found', 'The user does not exist.'],
  ['409', 409, 'Conflict', 'The user already exists.'],
  ['429', 429, 'Too Many Requests', 'Slow down'],
  ['500', 502, 'Bad Gateway', 'Bad Gateway'],
  ['503', 502, 'Bad Gateway', 'Bad Gateway'],
  ['closed', 502, 'Bad Gateway', 'Bad Gateway'],
];

const SLOW = ['slow', 504, 'Gateway Timeout', 'Gateway Timeout'];

/* The calls, and for which statuses 6 and 7 have a class. */

const CLASSES = {
  400: 'BadRequestError', 401: 'UnauthorizedError', 403: 'ForbiddenError',
  404: 'NotFoundError', 409: 'ConflictError', 429: 'TooManyRequestsError',
};

const CALLS = [
  ['get', [401, 403, 404, 429], (sdk, id) => sdk.get(id)],
  ['update', [401, 403, 404, 429],
   (sdk, id) => sdk.update(id, { app_metadata: { a: 1 } })],
  ['delete', [401, 403, 429], (sdk, id) => sdk.remove(id)],
  ['create', [401, 403, 409, 429],
   (sdk, id) => sdk.create({ connection: id, email: 'a@example.com' })],
  ['list', [401, 403, 429], (sdk, id) => sdk.list({ connection: id })],
  ['by e-mail', [401, 403, 429],
   (sdk, id) => sdk.byEmail({ email: `${id}@example.com` })],
];

export default async function test(world) {
  for (const sdk of v2Clients({ domain: world.broken, token: 'any' })) {
    for (const call of CALLS) {
      for (const row of FAILURES) {
        await mapped(sdk, call, row);
      }
    }
    await limits(sdk);
    await html(sdk);
  }
  for (const sdk of v2Clients({ domain: world.slow, token: 'any' })) {
    await Promise.all(CALLS.map((call) => mapped(sdk, call, SLOW)));
  }
  await strangers(world);
  await v1(world);
  await again(world);
}

async function mapped(sdk, [what, known, call],
                      [id, status, phrase, message]) {
  const error = await failure(call(sdk, id));
  const name = `${sdk.name}: U6 ${what}, ${id}`;

  if (what === 'delete' && status === 404) {
    is(error, undefined, `${name}: U6.3 nobody is there`);
    return;
  }

  is(error?.constructor,
     sdk.errorClass(known.includes(status) ? CLASSES[status] : undefined),
     `${name}: class`);
  is(error?.statusCode, status, `${name}: status`);

  const { errorCode, ...body } = sdk.errorBody(error);

  is(body, { statusCode: status, error: phrase, message }, `${name}: body`);
  is(errorCode, codeOf(what, status, phrase), `${name}: code`);
}

/* Those of the Management API, where it has one of its own. */

function codeOf(what, status, phrase) {
  if (status === 404) {
    return ['get', 'update'].includes(what) ? 'inexistent_user' : undefined;
  }
  return status === 409 && what === 'create'
    ? 'auth0_idp_error' : phrase.toLowerCase().replaceAll(' ', '_');
}

async function limits(sdk) {
  is(sdk.retryAfter(await failure(sdk.get('429'))), '7',
     `${sdk.name}: U2.3 when to try again`);
  is(sdk.retryAfter(await failure(sdk.update('429', { app_metadata: {} }))),
     '7', `${sdk.name}: U2.3 when to try a write again`);
}

/* A page where a user should be. */

async function html(sdk) {
  const error = await failure(sdk.get('html'));

  is(error.statusCode, 502, `${sdk.name}: U6 HTML: status`);
  is(sdk.errorBody(error).errorCode, 'invalid_upstream_profile',
     `${sdk.name}: U6 HTML: code`);
  ok(!JSON.stringify(sdk.errorBody(error)).includes('secret'),
     `${sdk.name}: U6 HTML: nothing of it`);
}

async function strangers(world) {
  world.asked();
  for (const sdk of v2Clients({ domain: world.domain, token: 'wrong' })) {
    for (const [what, , call] of CALLS) {
      const error = await failure(call(sdk, 'auth0|1'));

      is(error?.constructor, sdk.errorClass('UnauthorizedError'),
         `${sdk.name}: U6 a wrong token: ${what}`);
      is(sdk.errorBody(error).message,
         'The access token is missing or not valid',
         `${sdk.name}: U6 in v1's words: ${what}`);
    }
  }
  ok(world.asked().every(({ headers }) =>
    headers.some(([name, value]) => name.toLowerCase() === 'authorization'
                                    && value === 'Bearer wrong')),
     'U2.3 who asks is for the backend to judge');
}

/* v1's own errors are as they were. */

async function v1(world) {
  const client = v1Client({ domain: world.broken, token: 'any' });

  is((await failure(client.getUser('500'))).message, '<h1>secret</h1>',
     'v1: its errors are not made over');
  is((await failure(client.getUser('429'))).statusCode, 429,
     'v1: nor their statuses');
}

/* Left to itself the SDK tries again, writes too, as the README says. */

async function again(world) {
  const [sdk] = v2Clients({ domain: world.broken, token: 'any',
                            maxRetries: 1 });

  is((await sdk.create({ connection: DATABASE, email: 'once@example.com' }))
    .user_id, 'auth0|1', 'auth0 7: a create that failed once is sent again');
}
