/*
 * Holds the gateway against the reference, as TAP: PROFILE_DOMAIN is the
 * gateway, whose backend is backend.mjs with the same PROFILE_SEED and
 * PROFILE_USERS; PROFILE_QUERIES are asked.
 */

import { Agent, request } from 'node:http';

import { diag, finish, is, ok } from '../lib/tap.mjs';
import { parse } from './json.mjs';
import { queries } from './random.mjs';
import { answer, Invalid } from './reference.mjs';

const { PROFILE_DOMAIN: domain } = process.env;
const [seed, count, asked] = ['SEED', 'USERS', 'QUERIES']
  .map((name) => Number(process.env[`PROFILE_${name}`]));
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/* The users of v2: that they are what they should is proved elsewhere. */

const users = [];

for (let page = 0; page * 100 < count; page++) {
  const { body } = await get('users', `per_page=100&page=${page}`);

  users.push(...parse(body));
}

diag(`PROFILE_SEED=${seed} PROFILE_USERS=${count} PROFILE_QUERIES=${asked}`);
is(users.length, count, 'U10 all users are read');

const seen = { found: 0, nobody: 0, refused: 0, different: 0 };

for (const call of queries(seed, asked)) {
  const wanted = expected(call);
  const got = await received(call);

  seen[wanted.status === 400 ? 'refused'
    : wanted.users.length ? 'found' : 'nobody']++;

  if (JSON.stringify(got) !== JSON.stringify(wanted)) {
    ok(false, 'U10 the reference says the same', JSON.stringify(call),
       `     got: ${JSON.stringify(got).slice(0, 500)}`,
       `expected: ${JSON.stringify(wanted).slice(0, 500)}`);
    if (++seen.different === 25) {
      break;
    }
  }
}

is(seen.different, 0, 'U10 users, their order and their number');
ok(seen.found > asked / 4, 'U10 many queries find somebody');
ok(seen.refused > asked / 50, 'U10 some queries are refused');
diag(JSON.stringify(seen));

/* By e-mail: letter case counts, and a search of v1 finds longer ones too. */

const emails = new Set(users.map((user) => user.get('email'))
  .filter((email) => email && !/["\\*]/.test(email)));

for (const email of [...emails].slice(0, asked / 10)) {
  const { body } = await get('users-by-email',
                             `email=${encodeURIComponent(email)}`);
  const same = (user) => user.get('email') === email;

  if (JSON.stringify(JSON.parse(body).map((user) => user.user_id))
      !== JSON.stringify(users.filter(same)
        .map((user) => user.get('user_id')))) {
    ok(false, `U10 users-by-email: ${email}`, body.slice(0, 500));
  }
}
ok(emails.size > asked / 10, 'U10 users-by-email');
agent.destroy();
process.exitCode = finish();

function expected(call) {
  try {
    const { users: found, total } = answer(users, call);

    return { status: 200, users: found, ...call.totals && { total } };
  } catch (error) {
    if (error instanceof Invalid) {
      return { status: 400 };
    }
    throw error;
  }
}

async function received({ q, sort, page, perPage, totals }) {
  const args = Object.entries({ q, sort, page, per_page: perPage,
                                include_totals: totals || undefined })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const { status, body } = await get('users', args.join('&'));

  if (status !== 200) {
    return { status };
  }

  const { users: found = [], total } = Array.isArray(JSON.parse(body))
    ? { users: JSON.parse(body) } : JSON.parse(body);

  return { status, users: found.map((user) => user.user_id),
           ...totals && { total } };
}

function get(path, args) {
  return new Promise((resolve, reject) => {
    const url = `http://${domain}/api/v2/${path}?${args}`;

    request(url, { agent }, (response) => {
      const parts = [];

      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => resolve({
        status: response.statusCode,
        body: Buffer.concat(parts).toString(),
      }));
    }).on('error', reject).end();
  });
}
