/*
 * Holds the gateway against the reference, as TAP: PROFILE_DOMAIN is the
 * gateway, whose backend is backend.mjs and whose schemas are those of conf.mjs
 * with the same PROFILE_SEED, PROFILE_SCHEMAS and PROFILE_USERS.
 */

import { Agent, request } from 'node:http';

import { diag, finish, is, ok } from '../lib/tap.mjs';
import { pairs } from './random.mjs';
import { rewrite, Schema } from './reference.mjs';

const { PROFILE_DOMAIN: domain } = process.env;
const [seed, count, each] = ['SEED', 'SCHEMAS', 'USERS']
  .map((name) => Number(process.env[`PROFILE_${name}`]));
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const seen = { rewritten: 0, passed: 0, different: 0 };
let n = 0;

diag(`PROFILE_SEED=${seed} PROFILE_SCHEMAS=${count} PROFILE_USERS=${each}`);

for (const { statements, users } of pairs(seed, count, each)) {
  const schema = new Schema(statements);
  const wanted = users.map((user) => rewrite(schema, user));
  const got = await get(n);

  users.forEach((user, i) => {
    seen[user === wanted[i] ? 'passed' : 'rewritten']++;
  });

  if (got !== `[${wanted.join(' ,\n')}]`) {
    const list = got.slice(1, -1).split(' ,\n');
    const i = wanted.findIndex((user, at) => user !== list[at]);

    ok(false, 'M7 the reference says the same',
       statements.map((words) => words.join(' ')).join('; '),
       `      v1: ${users[i]}`, `     got: ${list[i]}`,
       `expected: ${wanted[i]}`);
    if (++seen.different === 10) {
      break;
    }
  }
  n++;
}

is(seen.different, 0, 'M7 users come out as the reference says');
ok(seen.rewritten > seen.passed, 'M7 many of them are users');
diag(JSON.stringify(seen));
agent.destroy();
process.exitCode = finish();

function get(path) {
  const [host, port] = domain.split(':');

  return new Promise((resolve, reject) => {
    request({ host, port, path: `/${path}`, agent }, (response) => {
      let body = '';

      response.setEncoding('utf8');
      response.on('data', (chunk) => { body += chunk; });
      response.on('end', () => resolve(body));
      response.on('error', reject);
    }).on('error', reject).end();
  });
}
