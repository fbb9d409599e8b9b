/*
 * Schemas and users of v1 by chance, the same ones for the same seed.  There
 * are few names, so that statements meet each other and the users.
 */

import { Random } from '../search/random.mjs';

const NAMES = ['a', 'b', 'c', 'd', 'p', 'q', 'x.y', 'é', 'um_a', 'am_b', 'tok',
               'T_ok', 'via', '0', '*', 'e\\'];
const INNER = ['a', 'b', 'c', 'x.y', 'tok', 'via', 's', '0', 'é',
               '\ud800'];
const NUMBERS = ['0', '-0', '1', '17', '-5', '1.5', '1e3', '9007199254740993',
                 '123456789012345678901234567890', '1E400', '7'];
const STRINGS = ['"p"', '"q"', '"p|1"', '"q|2"', '"|"', '"z|3"', '"\\u0070|4"',
                 '""', '"7"', '"\\ud800"', '"é\\/"', '"{\\"a\\":1}"', '"a b"'];
const CONTAINERS = ['app_metadata', 'user_metadata'];

class Chance extends Random {
  of(list) {
    return list[this.below(list.length)];
  }

  /* Once in "n" times. */

  one(n) {
    return this.below(n) === 0;
  }

  some(list, most) {
    return Array.from({ length: 1 + this.below(most) }, () => this.of(list));
  }
}

/* Half of a pair can only be written as an escape. */

const escaped = (name) => name.replace(/[\\.]/g, '\\$&');

/* What no other statement says already. */

class Claims {
  constructor() {
    this.names = new Set(['user_id', 'identities', ...CONTAINERS, 'metadata']);
    this.paths = [];
    this.last = new Set(this.names);
  }

  name(name) {
    const isFree = !this.names.has(name);

    this.names.add(name);
    return isFree;
  }

  container(name) {
    const isFree = !this.last.has(name) && this.name(name);

    this.last.add(name);
    return isFree;
  }

  /* Nothing is said of what is dropped, and no lift is below another. */

  path(path, what, tokens) {
    const begins = (one, other) => one.path.every((name, i) =>
      name === other.path[i]);
    const one = { path, what };
    const last = path.at(-1);

    if (this.paths.some((other) =>
      (other.path.length === path.length && begins(one, other))
          || ((what === 'drop' || (what === 'lift' && other.what === 'lift'))
              && begins(one, other))
          || ((other.what === 'drop' || (what === 'lift'
                                         && other.what === 'lift'))
              && begins(other, one)))
        || (what !== 'drop'
            && path.some((name, i) => i > 0 && tokens.includes(name)))
        || (what !== 'drop' && path[0] === 'logins')
        || (what === 'lift' && (this.last.has(last) || last === path[0]))
        || (path.length === 1 && (what === 'merge' ? !this.container(last)
          : !this.name(last)))) {
      return false;
    }
    if (what === 'lift') {
      this.last.add(last);
    }
    this.paths.push(one);
    return true;
  }
}

/* Many lead into others, or are the beginning of one; none has a star. */

function path(chance, claims, least, heads = NAMES) {
  const named = (names) => chance.of(names.filter((name) => name !== '*'));
  const length = least + chance.below(chance.one(3) ? 5 - least : 2);
  const names = [named(heads), ...Array.from({ length: 3 },
    () => named(INNER.slice(0, -1)))];

  if (claims.paths.length && chance.one(2)) {
    const other = chance.of(claims.paths).path;

    names.splice(0, other.length, ...other);
  }
  return names.slice(0, Math.min(length, 4));
}

export function schema(chance) {
  const claims = new Claims();
  const said = [];
  const users = [];
  const say = (...words) => said.push(words);

  if (chance.one(2)) {
    users.push(...chance.of([['id'], ['id', 'logins'], ['uid', 'id'],
                             ['user_id'], ['a']]));
    say('user', ...users);
    users.forEach((name) => claims.name(name));
  }
  if (users[0] === 'id' && !chance.one(4)) {
    say('rename', 'id', 'user_id');
  }
  if (chance.one(3)) {
    claims.name('logins');
    say('rename', 'logins', 'identities');
  }
  if (chance.one(2)) {
    const from = chance.some(['via', 'a.via', 'p.0.via', 'user_id', 'user_id',
                              'identities.0.via', 'logins.0.via', 'b.c.a'], 3);

    say('provider_from', ...new Set(from));
    from.forEach((word) => claims.name(names1(word)));
  }
  for (const id of ['p', 'q', '7', '*']) {
    if (!chance.one(3)) {
      say('provider', id, ...chance.some(NAMES.slice(0, 6), 2),
          ...chance.one(4) ? ['~[c-e]'] : []);
    }
  }
  const tokens = chance.one(2) ? ['tok', ...chance.one(2) ? ['s'] : []] : [];

  if (tokens.length) {
    say('identity_drop', ...tokens);
  }
  if (chance.one(2)) {
    say('null_metadata', chance.of(['omit', 'keep']));
  }
  if (chance.one(2)) {
    say('default', chance.of(['root', ...CONTAINERS]));
  }
  if (chance.one(2)) {
    say('metadata_prefix', 'user_metadata', 'um_');
    say('metadata_prefix', 'app_metadata', chance.of(['am_', 'u']));
  }
  for (const which of CONTAINERS) {
    const name = chance.of(['traits', 'b', 'Box']);

    if (chance.one(4) && claims.container(name)) {
      say('container', which, name);
    }
  }
  for (let n = chance.below(3); n > 0; n--) {
    const [from, to] = [chance.of(NAMES), chance.of(['new', 'd', 'é', 'a'])];

    if (from !== to && !claims.names.has(to) && claims.name(from)) {
      claims.name(to);
      say('rename', from, to);
    }
  }
  for (let n = chance.below(4); n > 0; n--) {
    const drop = path(chance, claims, chance.one(3) ? 1 : 2,
                      [...NAMES, ...CONTAINERS, 'metadata', 'logins']);

    if (claims.path(drop, 'drop', tokens)) {
      say('drop', drop.map(escaped).join('.'));
    }
  }
  for (let n = chance.below(4); n > 0; n--) {
    const lift = path(chance, claims, 2, [...NAMES, ...CONTAINERS]);

    if (claims.path(lift, 'lift', tokens)) {
      say('lift', lift.map(escaped).join('.'));
    }
  }
  for (let n = chance.below(4); n > 0; n--) {
    const merge = path(chance, claims, 1);

    if (claims.path(merge, 'merge', tokens)) {
      say('merge', merge.map(escaped).join('.'), 'into', chance.of(CONTAINERS));
    }
  }
  for (let n = chance.below(4); n > 0; n--) {
    const names = path(chance, claims, 1, [...NAMES, ...CONTAINERS, 'metadata',
                                           'id']);
    const plain = names.map(escaped).join('.');

    if (names[0] !== 'logins') {
      say('unwrap', chance.of([plain, `${plain}.*`, '~.*', '~[ab](\\..*)?',
                               '~[a-d]\\.x\\.y']));
    }
  }
  for (const which of ['identity', ...CONTAINERS]) {
    const name = chance.of(NAMES);

    if (chance.one(2) && claims.name(name)) {
      say(which, name);
    }
  }
  if (chance.one(4)) {
    say(chance.of(CONTAINERS), '~.*[eé].*');
  }

  /* The order of statements means nothing but for merges and patterns. */

  return said;
}

const names1 = (word) => word.split('.')[0];

function text(chance, name) {
  if (!chance.one(6) || name === 'e\\' || name === '\ud800') {
    return JSON.stringify(name);
  }

  const at = chance.below(name.length);
  const code = name.charCodeAt(at).toString(16).padStart(4, '0');

  return `"${name.slice(0, at)}\\u${code}${name.slice(at + 1)}"`;
}

function space(chance, spaces) {
  return spaces && chance.one(3) ? chance.of([' ', '\t', '  ']) : '';
}

function value(chance, depth, spaces) {
  const gap = () => space(chance, spaces);

  switch (chance.below(depth > 0 ? 10 : 5)) {
  case 0:
    return chance.of(NUMBERS);
  case 1:
  case 2:
    return chance.of(STRINGS);
  case 3:
    return chance.of(['null', 'true', 'false']);
  case 4:
    return chance.of(['[]', '{}', '[ ]', '{ }', '["x"]', '[ 5 ]', '[null]']);
  case 5:
    return `[${gap()}${Array.from({ length: chance.below(3) + 1 }, () =>
      value(chance, depth - 1, spaces)).join(`${gap()},${gap()}`)}${gap()}]`;
  default:
    return members(chance, depth - 1, spaces, INNER, chance.below(6));
  }
}

function members(chance, depth, spaces, names, most) {
  const gap = () => space(chance, spaces);
  const all = [];

  for (let n = 0; n < most; n++) {
    all.push(`${gap()}${text(chance, chance.of(names))}${gap()}:${gap()}`
             + `${value(chance, depth, spaces)}${gap()}`);
  }
  return `{${all.join()}${all.length ? '' : gap()}}`;
}

const ROOT = [...NAMES, ...NAMES.slice(0, 6), 'metadata', 'traits', 'Box',
              'new', 'id', 'uid', 'user_id', 'logins', 'identities',
              'Identities', 'LOGINS', ...CONTAINERS];

export function user(chance) {
  const spaces = chance.one(3);
  const ids = ['user_id', 'id'].filter(() => !chance.one(4))
    .map((name) => `"${name}":${chance.one(3) ? chance.of(NUMBERS)
      : chance.of(STRINGS)},`);
  const inner = members(chance, 4, spaces, ROOT, 1 + chance.below(14));

  return `{${chance.one(2) ? ids.join('') : ''}${inner.slice(1, -1)}${
    chance.one(2) ? `,${ids.join('').slice(0, -1)}` : ''}}`
    .replace(/,+\}$/, '}');
}

/* "count" schemas, the same for any number of users: "each" for each. */

export function* pairs(seed, count, each) {
  for (let n = 0; n < count; n++) {
    const chance = new Chance(seed * 100003 + n);
    const statements = schema(chance);

    yield { statements,
            users: Array.from({ length: each }, () => user(chance)) };
  }
}
