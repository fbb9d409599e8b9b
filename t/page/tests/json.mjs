/* The JSON modules by themselves: strict, lossless, exact about places. */

import { readFileSync, readdirSync } from 'node:fs';

import { parse } from '../../../html/js/json-parser.js';
import { canonical, editable, print, quote, removeMember, setMember }
  from '../../../html/js/json-writer.js';
import { is, ok } from '../../lib/tap.mjs';

const SAMPLES = new URL('../../samples/', import.meta.url);

/* What nesting the core takes is a setting of it: no matter of JSON. */

const DEEP = /^deep-(?!never)/;

export default function test() {
  samples();
  errors();
  texts();
  edits();
}

function samples() {
  const valid = readdirSync(new URL('valid/', SAMPLES));
  const invalid = readdirSync(new URL('invalid/', SAMPLES))
    .filter((file) => !DEEP.test(file));

  ok(valid.length > 50 && invalid.length > 100, 'json: there are samples');
  is(valid.filter((file) => !accepts(`valid/${file}`)), [],
     'json: takes all that RFC 8259 takes');
  is(invalid.filter((file) => accepts(`invalid/${file}`)), [],
     'json: takes nothing else');

  is(valid.filter((file) => changesWhenEdited(read(`valid/${file}`))), [],
     'json: what is printed and read again is the same');
  ok(accepted(nested(500)), 'json: 500 levels are read');
  ok(!accepted(nested(100000)), 'json: too many are an error, no overflow');
}

function nested(levels) {
  return '['.repeat(levels) + ']'.repeat(levels);
}

function changesWhenEdited(text) {
  const again = editable(text, parse(text));

  return canonical(text, parse(text)) !== canonical(again, parse(again));
}

function read(file) {
  return new TextDecoder('utf-8', { fatal: true })
    .decode(readFileSync(new URL(file, SAMPLES)));
}

function accepts(file) {
  try {
    return accepted(read(file));
  } catch {
    return false;
  }
}

function accepted(text) {
  try {
    parse(text);
    return true;
  } catch (error) {
    if (error.line === undefined) throw error;
    return false;
  }
}

function errors() {
  const cases = [
    ['', 1, 1, 'a value is missing here'],
    ['{"a":1,}', 1, 8, 'no comma goes before }'],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, 'a comma or } is missing'],
    ['{\n  a: 1\n}', 2, 3, 'a name in double quotes is missing'],
    ['{"a" 1}', 1, 6, 'a colon is missing after the name'],
    ['[1 2]', 1, 4, 'a comma or ] is missing'],
    ['{"ä😀": tru}', 1, 8, 'a value is missing here'],
    ['{"a": "b\n}', 1, 9, 'a closing quote is missing'],
    ['{"a": "b\tc"}', 1, 9,
     'a control character must be written as an escape'],
    ['"\\x"', 1, 3, 'there is no such escape'],
    ['"\\u12g4"', 1, 6, 'four hex digits belong after \\u'],
    ['[01]', 1, 2, 'no number begins with 0'],
    ['[1.]', 1, 4, 'a digit is missing'],
    ['[-]', 1, 3, 'a digit is missing'],
    ['[1e+]', 1, 5, 'a digit is missing'],
    ['{} {}', 1, 4, 'nothing may follow the end of the value'],
    ['"\ud800"', 1, 2, 'half a character stands here'],
  ];

  for (const [text, line, column, message] of cases) {
    let error = {};

    try {
      parse(text);
    } catch (thrown) {
      error = thrown;
    }
    is([error.line, error.column, error.message], [line, column, message],
       `json: the place of the error in ${JSON.stringify(text)}`);
  }
}

function texts() {
  const source = '{"n":[9007199254740993,1.0,-0,1e400],"s":"\\u00e4\\/",'
    + '"e":{},"l":[],"b":"\\u202e"}';
  const root = parse(source);
  let printed = '';

  print(source, root, (kind, text) => printed += text);
  is(printed, '{\n  "n": [\n    9007199254740993,\n    1.0,\n    -0,\n    1e400'
     + '\n  ],\n  "s": "\\u00e4\\/",\n  "e": {},\n  "l": [],\n'
     + '  "b": "\\u202e"\n}',
     'json: printed with the tokens of the source');
  is(editable(source, root), printed.replace('\\u00e4\\/', 'ä/'),
     'json: in a text to edit only what nobody would see is escaped');
  is(canonical(source, root), '{"n":[9007199254740993,1.0,-0,1e400],'
     + '"s":"ä/","e":{},"l":[],"b":"\u202e"}', 'json: canonical');
  ok(canonical('1.0', parse('1.0')) !== canonical('1', parse('1')),
     'json: 1.0 is not 1');
  is(canonical(' "\\u0061" ', parse(' "\\u0061" ')),
     canonical('"a"', parse('"a"')), 'json: an escape is what it stands for');
  is(quote('\u200f\ufeff"é'), '"\\u200f\\ufeff\\"é"',
     'json: quoted so that all of it is seen');
}

function edits() {
  const set = (text, name, value) => setMember(text, parse(text), name, value);
  const drop = (text, name) => removeMember(text, parse(text), name);
  const { text, start, end } = set('{ "a" : 1 , "b":2}', 'a', '[3]');

  is(text, '{ "a" : [3] , "b":2}', 'json: a member is set in its place');
  is(text.slice(start, end), '[3]', 'json: and it is told where');
  is(set('{"a":1}', 'b', '2').text, '{"a":1,\n  "b": 2}', 'json: one is added');
  is(set(' { } ', 'b', '2').text, ' {\n  "b": 2\n} ',
     'json: one is added to none');
  is(drop('{"a":1, "b":2, "c":3}', 'a'), '{"b":2, "c":3}',
     'json: the first is taken out');
  is(drop('{"a":1, "b":2, "c":3}', 'b'), '{"a":1, "c":3}',
     'json: one in the middle is taken out');
  is(drop('{"a":1, "b":2, "c":3}', 'c'), '{"a":1, "b":2}',
     'json: the last is taken out');
  is(drop('{ "a":1 }', 'a'), '{  }', 'json: the only one is taken out');
  is(drop('{"a":1}', 'b'), '{"a":1}', 'json: none is taken out');
}
