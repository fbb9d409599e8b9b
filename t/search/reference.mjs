/*
 * The search of v2 (U10) over whole users in memory, as the rule says it and
 * without regard to speed: what the module does while a user streams by is held
 * against it.
 */

import { Num, NUMBER } from './json.mjs';

const LIMITS = { bytes: 1024, terms: 32, depth: 8, sorted: 1000 };
const FOLDED = ['email', 'name', 'given_name', 'family_name', 'nickname'];
const DATES = ['created_at', 'updated_at', 'last_login', 'last_password_reset',
               'password_set_date', 'multifactor_last_modified'];
const OPERATORS = ['AND', 'OR', 'NOT'];

export class Invalid extends Error {}

/* A query becomes a function that says whether it finds a user. */

export function compile(text) {
  const query = new Query(text);

  /* U2.2, U10 */

  if (/\p{Cc}/u.test(text)) {
    query.fail('no control character');
  }
  if (Buffer.byteLength(text) > LIMITS.bytes) {
    query.fail('fewer bytes');
  }

  const found = query.either(() => query.clause());

  if (query.skip() < text.length) {
    query.fail('AND, OR or the end');
  }
  return found;
}

class Query {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.terms = 0;
    this.depth = 0;
  }

  fail(expected) {
    throw new Invalid(`column ${this.at + 1}: ${expected}`);
  }

  skip() {
    while (this.text[this.at] === ' ') {
      this.at++;
    }
    return this.at;
  }

  /* What matches at this place, which is left behind then. */

  take(pattern) {
    const match = new RegExp(pattern, 'yu');

    match.lastIndex = this.at;

    const found = match.exec(this.text);

    if (found) {
      this.at = match.lastIndex;
    }
    return found;
  }

  operator(name) {
    this.skip();
    return this.take(`${name}(?=[ ()]|$)`);
  }

  /* OR of AND of NOT of what "operand" reads. */

  either(operand) {
    const sides = [this.both(operand)];

    while (this.operator('OR')) {
      sides.push(this.both(operand));
    }
    return (user) => sides.some((side) => side(user));
  }

  both(operand) {
    const sides = [this.not(operand)];

    while (this.operator('AND')) {
      sides.push(this.not(operand));
    }
    return (user) => sides.every((side) => side(user));
  }

  not(operand) {
    if (this.operator('NOT') || this.take('-(?! |$)')) {
      const side = this.not(operand);

      return (user) => !side(user);
    }
    return this.take('\\(') ? this.group(operand) : operand();
  }

  /* Behind an opening parenthesis. */

  group(operand) {
    if (++this.depth > LIMITS.depth) {
      this.fail('less depth');
    }

    const inner = this.either(operand);

    this.skip();
    if (!this.take('\\)')) {
      this.fail('")"');
    }
    this.depth--;
    return inner;
  }

  /* FIELD:VALUE, FIELD:RANGE, FIELD:(...) */

  clause() {
    const name = this.path();

    this.colon();
    if (name === '_exists_') {
      const field = new Field(this.path());

      this.term();
      return (user) => field.exists(user);
    }

    const field = new Field(name);

    this.skip();
    return this.take('\\(') ? this.group(() => this.value(field))
      : this.value(field);
  }

  colon() {
    if (!this.take(':')) {
      this.fail('":"');
    }
  }

  term() {
    if (++this.terms > LIMITS.terms) {
      this.fail('fewer terms');
    }
  }

  path() {
    this.skip();

    const path = this.word('[^ "():\\[\\]{}\\\\*?~^+!/<>=&|]');

    if (!path || path.wild || path.text.split('.').includes('')) {
      this.fail('a field');
    }
    return path.text;
  }

  value(field) {
    this.term();
    this.skip();

    const range = this.take('[\\[{]');

    if (range) {
      return this.range(field, range[0] === '[');
    }

    const value = this.quoted() ?? this.bare();

    if (!value.wild) {
      return (user) => field.values(user).some((v) => field.equal(v, value));
    }
    if (field.bare || [...value.text].length < 3) {
      this.fail('no wildcard');
    }
    return (user) => field.values(user)
      .some((v) => typeof v === 'string' && field.begins(v, value.text));
  }

  /* What Lucene takes for an operator, or a regular expression, is refused. */

  bare() {
    const at = this.at;
    const word = this.take('(?=[+!/<>=-])') ? null
      : this.word('(?:[^ "():\\[\\]{}\\\\*?~^&|]|\\|(?!\\|))');

    if (!word || OPERATORS.includes(this.text.slice(at, this.at))) {
      this.fail('a value');
    }
    return word;
  }

  quoted() {
    const match = this.take('"((?:[^"\\\\]|\\\\[^])*)"(?=[ )\\]}]|$)');

    return match && { text: plain(match[1]) };
  }

  /* An asterisk that is not escaped may stand at the end of a value. */

  word(letter) {
    const match = this.take(`((?:${letter}|\\\\[^])+)(\\*?)`);

    return match && { text: plain(match[1]), wild: match[2] !== '' };
  }

  range(field, fromIn) {
    const from = this.end();

    this.skip();
    if (!this.take('TO(?= )')) {
      this.fail('TO');
    }

    const to = this.end();

    this.skip();

    const close = this.take('[\\]}]');

    if (close && !from && !to) {
      return (user) => field.exists(user);
    }
    if (!close || field.bare) {
      this.fail(close ? 'no range' : '"]" or "}"');
    }
    if (from && to && !kinds(from.text).some((kind) =>
      kinds(to.text).includes(kind))) {
      this.fail('two numbers, two dates or two texts');
    }

    const toIn = close[0] === ']';

    return (user) => field.values(user)
      .some((v) => field.within(v, from, fromIn, to, toIn));
  }

  end() {
    this.skip();
    if (this.take('\\*(?=[ \\]}])')) {
      return null;
    }

    const value = this.quoted() ?? this.word('[^ "()\\[\\]{}\\\\*?]');

    if (!value || value.wild || value.text === 'TO') {
      this.fail('an end');
    }
    return value;
  }
}

function plain(escaped) {
  return escaped.replace(/\\([^])/gu, '$1');
}

/* What an end of a range may be. */

function kinds(text) {
  const found = [NUMBER.test(text) && 'number', interval(text) && 'date']
    .filter(Boolean);

  return found.length ? found : ['text'];
}

/* A path in a user; arrays on the way are passed through. */

class Field {
  constructor(name) {
    this.path = name.split('.');
    this.domain = name === 'email.domain';
    this.folded = this.domain || FOLDED.includes(name);
    this.date = DATES.includes(name);
    this.bare = this.path[0] === 'user_metadata';
  }

  values(user) {
    const found = [];

    if (this.domain) {
      const email = user.get('email');
      const at = typeof email === 'string' ? email.lastIndexOf('@') : -1;

      return at < 0 ? [] : [email.slice(at + 1)];
    }
    collect(user, this.path, found, false);
    return found;
  }

  exists(user) {
    const found = [];

    collect(user, this.path, found, true);
    return found.length > 0 || (this.domain && this.values(user).length > 0);
  }

  equal(value, { text }) {
    if (typeof value === 'string') {
      return this.same(value, text) || (this.date && inside(value, text));
    }
    if (value instanceof Num) {
      return NUMBER.test(text) && value.compare(new Num(text)) === 0;
    }
    return String(value) === text;
  }

  same(value, text) {
    return this.folded ? folded(text, '$').test(value) : value === text;
  }

  begins(value, text) {
    return this.folded ? folded(text, '').test(value)
      : value.startsWith(text);
  }

  within(value, from, fromIn, to, toIn) {
    const ends = [from, to].filter((end) => end !== null)
      .map((end) => end.text);

    if (value instanceof Num) {
      return ends.every((text) => NUMBER.test(text))
        && (!from || above(value.compare(new Num(from.text)), fromIn))
        && (!to || above(-value.compare(new Num(to.text)), toIn));
    }
    if (typeof value !== 'string') {
      return false;
    }

    const date = ends.every((text) => interval(text))
      && value.length > 4 && interval(value);

    if (date) {
      return (!from || (fromIn ? date.first >= interval(from.text).first
                               : date.first > interval(from.text).last))
        && (!to || (toIn ? date.first <= interval(to.text).last
                         : date.first < interval(to.text).first));
    }
    if (ends.some((text) => NUMBER.test(text) || interval(text))) {
      return false;
    }
    return (!from || above(this.order(value, from.text), fromIn))
      && (!to || above(-this.order(value, to.text), toIn));
  }

  order(value, text) {
    return this.folded ? byCodePoint(lower(value), lower(text))
      : byCodePoint(value, text);
  }
}

function collect(value, path, found, all) {
  if (Array.isArray(value)) {
    value.forEach((element) => collect(element, path, found, all));
  } else if (value instanceof Map) {
    if (path.length) {
      collect(value.get(path[0]), path.slice(1), found, all);
    } else if (all) {
      value.forEach((member) => collect(member, [], found, all));
    }
  } else if (!path.length && value !== undefined && value !== null) {
    found.push(value);
  }
}

function above(order, including) {
  return including ? order >= 0 : order > 0;
}

/* Regular expressions of JavaScript compare by simple case folding. */

const patterns = new Map();

function folded(text, end) {
  const key = end + text;

  if (!patterns.has(key)) {
    const letters = text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

    patterns.set(key, new RegExp(`^${letters}${end}`, 'iu'));
  }
  return patterns.get(key);
}

/* An order knows the letter case of ASCII only. */

function lower(text) {
  return text.replace(/[A-Z]/g, (c) => c.toLowerCase());
}

export function byCodePoint(a, b) {
  const left = Array.from(a, (c) => c.codePointAt(0));
  const right = Array.from(b, (c) => c.codePointAt(0));
  const at = left.findIndex((c, i) => c !== right[i]);

  return at < 0 ? left.length - right.length
    : at >= right.length ? 1 : left[at] - right[at];
}

/* What a date, or the beginning of one, stands for: from when to when. */

const DATE = new RegExp('^(\\d{4})(?:-(\\d\\d)(?:-(\\d\\d)(?:T(\\d\\d)'
  + '(?::(\\d\\d)(?::(\\d\\d)(?:\\.(\\d{1,9}))?)?'
  + '([+-](?:[01]\\d|2[0-3]):?[0-5]\\d)?)?Z?)?)?)?$');

const intervals = new Map();

function interval(text) {
  if (!intervals.has(text)) {
    intervals.set(text, /[+-].*Z$/.test(text.slice(10)) ? null : read(text));
  }
  return intervals.get(text);
}

function read(text) {
  const match = DATE.exec(text);

  if (!match) {
    return null;
  }

  const [, year, month, day, hour, minute, second, part, zone] = match;
  const parts = [year, month ?? 1, day ?? 1, hour ?? 0, minute ?? 0,
                 second ?? 0].map(Number);
  const limits = [9999, 12, days(parts[0], parts[1]), 23, 59, 59];

  if (parts.some((n, i) => n > limits[i]) || !parts[1] || !parts[2]) {
    return null;
  }

  const given = [month, day, hour, minute, second]
    .filter((value) => value !== undefined).length;
  const first = nano(parts, part, zone);

  if (given === 5) {
    return { first,
             last: first + 10n ** BigInt(9 - (part?.length ?? 0)) - 1n };
  }
  parts[given]++;
  return { first, last: nano(parts, '', zone) - 1n };
}

function days(year, month) {
  return new Date(Date.UTC(2000 + year % 400, month, 0)).getUTCDate();
}

function nano([year, month, day, hour, minute, second], part = '', zone = '') {
  const date = new Date(0);
  const [, sign, hours, minutes] = /^([+-])(..):?(..)$/.exec(zone) ?? [];
  const offset = hours
    ? Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) : 0;

  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute - offset, second);
  return BigInt(date.getTime()) * 1000000n + BigInt(part.padEnd(9, '0'));
}

function inside(value, text) {
  const wanted = interval(text);
  const date = wanted && interval(value);

  return Boolean(date) && value.length >= 10 && date.first >= wanted.first
    && date.first <= wanted.last;
}

/* The answer to a call: who, in their order, and how many there are. */

export function answer(users, { q, sort, page = 0, perPage = 50 }) {
  let found = q ? users.filter(compile(q)) : users;

  if (sort) {
    if ((page + 1) * perPage > LIMITS.sorted) {
      throw new Invalid('sort: fewer users');
    }
    found = sorted(found, sort);
  }

  return { users: found.slice(page * perPage, (page + 1) * perPage)
             .map((user) => user.get('user_id')),
           total: found.length };
}

/* Numbers, texts, booleans; who has none of them is last in any direction. */

function sorted(users, sort) {
  const match = /^([^:.]+):(1|-1)$/.exec(sort);

  if (!match) {
    throw new Invalid('sort');
  }

  const [, name, direction] = match;

  return users.map((user) => ({ user, key: user.get(name) }))
    .sort((a, b) => (rank(a.key) === 3) - (rank(b.key) === 3)
      || Number(direction) * compare(a.key, b.key))
    .map(({ user }) => user);
}

function rank(key) {
  return key instanceof Num ? 0 : typeof key === 'string' ? 1
    : typeof key === 'boolean' ? 2 : 3;
}

function compare(a, b) {
  if (rank(a) !== rank(b)) {
    return rank(a) - rank(b);
  }
  switch (rank(a)) {
    case 0:
      return a.compare(b);
    case 1:
      return byCodePoint(a, b);
    case 2:
      return Number(a) - Number(b);
    default:
      return 0;
  }
}
