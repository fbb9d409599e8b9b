/*
 * JSON with its text: each value keeps what was written, numbers and white
 * space included, and an object the members that stand twice.
 */

const SPACE = /[ \t\r\n]*/y;
const SCALAR = new RegExp('"(?:[^"\\\\]|\\\\.)*"|true|false|null'
  + '|-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?', 'y');

export function parse(text) {
  let at = 0;

  function match(pattern) {
    pattern.lastIndex = at;

    const found = pattern.exec(text);

    if (!found) {
      throw new SyntaxError(`JSON: offset ${at}`);
    }
    at = pattern.lastIndex;
    return found[0];
  }

  function sign(wanted) {
    match(SPACE);
    if (text[at] !== wanted) {
      return false;
    }
    at++;
    return true;
  }

  function string() {
    match(SPACE);

    const raw = match(SCALAR);

    return { raw, name: JSON.parse(raw) };
  }

  function list(end, read) {
    const items = [];

    while (!sign(end)) {
      if (items.length && !sign(',')) {
        throw new SyntaxError(`JSON: offset ${at}`);
      }
      items.push(read());
    }
    return items;
  }

  function member() {
    const { raw, name } = string();

    if (!sign(':')) {
      throw new SyntaxError(`JSON: offset ${at}`);
    }
    return { key: raw, name, value: value() };
  }

  function value() {
    match(SPACE);

    const start = at;
    const made = { kind: 'scalar' };

    if (sign('{')) {
      made.kind = 'object';
      made.members = list('}', member);

    } else if (sign('[')) {
      made.kind = 'array';
      made.items = list(']', value);

    } else {
      match(SCALAR);
    }

    made.at = start;
    made.raw = text.slice(start, at);
    return made;
  }

  const all = value();

  match(SPACE);
  if (at < text.length) {
    throw new SyntaxError(`JSON: offset ${at}`);
  }
  return all;
}

/* Values with other members or elements have lost their text. */

export function object(members) {
  return { kind: 'object', members };
}

export function array(items) {
  return { kind: 'array', items };
}

export function scalar(raw) {
  return { kind: 'scalar', raw };
}

export function write(value) {
  if (value.raw !== undefined) {
    return value.raw;
  }
  if (value.kind === 'array') {
    return `[${value.items.map(write).join()}]`;
  }
  return `{${value.members.map(({ key, value: inner }) =>
    `${key}:${write(inner)}`).join()}}`;
}

/* The same text without white space between the tokens. */

export function compact(value) {
  if (value.kind === 'array') {
    return `[${value.items.map(compact).join()}]`;
  }
  if (value.kind === 'object') {
    return `{${value.members.map(({ key, value: inner }) =>
      `${key}:${compact(inner)}`).join()}}`;
  }
  return value.raw;
}
