/*
 * JSON as the search needs it: a number keeps its text, since a double loses
 * what is beyond 2^53, and is compared by its exact value; an object is a Map,
 * so that no name is special.
 */

export class Num {
  constructor(text) {
    const [, sign, whole, part = '', exp = '0'] =
      /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
    const digits = (whole + part).replace(/^0+/, '');
    const short = digits.replace(/0+$/, '');

    this.text = text;
    this.digits = short;
    this.sign = short === '' ? 0 : sign ? -1 : 1;

    /* 0.DIGITS * 10^size */

    this.size = BigInt(exp) + BigInt(digits.length - part.length);
  }

  compare(other) {
    if (this.sign !== other.sign) {
      return this.sign - other.sign;
    }
    if (this.sign === 0) {
      return 0;
    }
    if (this.size !== other.size) {
      return this.size > other.size ? this.sign : -this.sign;
    }

    /* Without zeros at the end the shorter one of two is the less. */

    const order = this.digits < other.digits ? -1
      : this.digits > other.digits ? 1 : 0;

    return order * this.sign;
  }
}

export const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const TOKEN = new RegExp('[ \\t\\r\\n]*(?:([{}\\[\\]:,]|true|false|null)'
  + '|(-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)|("(?:[^"\\\\]|\\\\.)*"))', 'y');

export function parse(text) {
  let at = 0;

  function next() {
    TOKEN.lastIndex = at;

    const match = TOKEN.exec(text);

    if (!match) {
      throw new SyntaxError(`JSON: offset ${at}`);
    }
    at = TOKEN.lastIndex;
    return match;
  }

  function value([, sign, number, string]) {
    if (string !== undefined) {
      return JSON.parse(string);
    }
    if (number !== undefined) {
      return new Num(number);
    }
    if (sign === '{') {
      return members(new Map());
    }
    if (sign === '[') {
      return elements([]);
    }
    return { true: true, false: false, null: null }[sign];
  }

  function members(object) {
    for (let token = next(); token[1] !== '}'; token = next()) {
      if (token[1] === ',') {
        continue;
      }
      next();
      object.set(JSON.parse(token[3]), value(next()));
    }
    return object;
  }

  function elements(array) {
    for (let token = next(); token[1] !== ']'; token = next()) {
      if (token[1] !== ',') {
        array.push(value(token));
      }
    }
    return array;
  }

  return value(next());
}
