/*
 * A strict parser (RFC 8259) that loses nothing: a node is {kind, start, end},
 * its place in the text, so a number stays the digits it is.  An object has
 * members [{name, start, nameEnd, value}], an array items, a string value.
 */

const MAX_DEPTH = 500;
const ESCAPES = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

export class JsonError extends Error {
  constructor(text, offset, reason) {
    const lines = text.slice(0, offset).split('\n');

    super(reason);
    this.offset = offset;
    this.line = lines.length;
    this.column = [...lines.at(-1)].length + 1;
  }
}

export function parse(text) {
  const parser = new Parser(text);
  const root = parser.value(0);

  parser.space();
  if (parser.next) parser.fail('nothing may follow the end of the value');
  return root;
}

class Parser {
  at = 0;

  constructor(text) {
    this.text = text;
  }

  fail(reason, offset = this.at) {
    throw new JsonError(this.text, offset, reason);
  }

  get next() {
    return this.text.charAt(this.at);
  }

  /* Takes what a sticky pattern matches, which may be nothing. */

  take(pattern) {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text);
    this.at += found.length;
    return found;
  }

  takeChar(char) {
    if (this.next !== char) return false;
    this.at++;
    return true;
  }

  need(char, reason) {
    if (!this.takeChar(char)) this.fail(reason);
  }

  space() {
    this.take(/[ \t\n\r]*/y);
  }

  value(depth) {
    this.space();
    const start = this.at;

    return { ...this.bare(depth), start, end: this.at };
  }

  bare(depth) {
    if (depth > MAX_DEPTH) this.fail('this is nested too deep');
    if (this.takeChar('{')) {
      return { kind: 'object',
               members: this.all('}', () => this.member(depth)) };
    }
    if (this.takeChar('[')) {
      return { kind: 'array',
               items: this.all(']', () => this.value(depth + 1)) };
    }
    if (this.takeChar('"')) return { kind: 'string', value: this.string() };
    return { kind: /[-\d]/.test(this.next) ? this.number() : this.word() };
  }

  all(close, one) {
    const found = [];

    for (this.space(); !this.takeChar(close); this.space()) {
      if (found.length) {
        this.need(',', `a comma or ${close} is missing`);
        this.space();
        if (this.next === close) this.fail(`no comma goes before ${close}`);
      }
      found.push(one());
    }
    return found;
  }

  member(depth) {
    const start = this.at;

    this.need('"', 'a name in double quotes is missing');
    const name = this.string();
    const nameEnd = this.at;

    this.space();
    this.need(':', 'a colon is missing after the name');
    return { name, start, nameEnd, value: this.value(depth + 1) };
  }

  string() {
    let value = '';

    for (;;) {
      value += this.plain();
      if (this.takeChar('"')) return value;
      this.need('\\', /^[\n\r]?$/.test(this.next)
        ? 'a closing quote is missing'
        : 'a control character must be written as an escape');
      value += this.escape();
    }
  }

  plain() {
    const from = this.at;
    const found = this.take(/[^"\\\x00-\x1f]*/y);
    const half = found.search(/\p{Surrogate}/u);

    if (half >= 0) this.fail('half a character stands here', from + half);
    return found;
  }

  escape() {
    const char = this.take(/["\\/bfnrt]?/y);

    if (char) return ESCAPES[char] ?? char;
    this.need('u', 'there is no such escape');
    const code = this.take(/[\dA-Fa-f]{0,4}/y);

    if (code.length < 4) this.fail('four hex digits belong after \\u');
    return String.fromCharCode(`0x${code}`);
  }

  number() {
    const start = this.at;

    this.takeChar('-');
    if (/^0./.test(this.digits())) this.fail('no number begins with 0', start);
    if (this.takeChar('.')) this.digits();
    if (this.take(/(?:[eE][-+]?)?/y)) this.digits();
    return 'number';
  }

  digits() {
    return this.take(/\d*/y) || this.fail('a digit is missing');
  }

  word() {
    const start = this.at;
    const word = this.take(/[A-Za-z]*/y);

    if (!/^(true|false|null)$/.test(word)) {
      this.fail('a value is missing here', start);
    }
    return word;
  }
}
