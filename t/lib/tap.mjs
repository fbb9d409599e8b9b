/* Assertions as TAP.  A topic that throws has failed, and the next one runs. */

import { isDeepStrictEqual } from 'node:util';

let count = 0;
let failed = 0;

export function ok(condition, name, ...details) {
  print(`${condition ? 'ok' : 'not ok'} ${++count} - ${plain(name)}`);
  if (!condition) {
    failed++;
    details.forEach(diag);
  }
  return Boolean(condition);
}

export function is(got, wanted, name) {
  return ok(isDeepStrictEqual(got, wanted), name,
            `     got: ${JSON.stringify(got)}`,
            `expected: ${JSON.stringify(wanted)}`);
}

export function like(got, pattern, name) {
  return ok(pattern.test(got), name, `  got: ${JSON.stringify(got)}`,
            `match: ${pattern}`);
}

export function diag(text) {
  print(String(text).replace(/^/gm, '# '));
}

export async function topic(name, work) {
  diag(name);
  try {
    await work();
  } catch (error) {
    ok(false, `${name}: runs to its end`, error.stack);
  }
}

export function finish() {
  print(`1..${count}`);
  return failed ? 1 : 0;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

/* A name may not look like a directive of TAP. */

function plain(name) {
  return name.replaceAll('#', '\\#').replaceAll('\n', ' ');
}
