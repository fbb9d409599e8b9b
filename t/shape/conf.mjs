/*
 * Prints the schemas of a seed for nginx.conf, a line with "--", and a location
 * for each: conf.mjs SEED SCHEMAS.
 */

import { pairs } from './random.mjs';

const [seed, count] = process.argv.slice(2).map(Number);

/* Quoted for nginx, which knows the backslash, too. */

const quoted = (word) => `"${word.replace(/[\\"]/g, '\\$&')}"`;

let schemas = '';
let locations = '';
let n = 0;

for (const { statements } of pairs(seed, count, 0)) {
  schemas += `profile_schema s${n} {\n${statements.map((words) =>
    `    ${words.map(quoted).join(' ')};\n`).join('')}}\n`;
  locations += `location /${n} {\n    profile_rewrite s${n};\n`
    + '    proxy_pass http://backend;\n}\n';
  n++;
}

process.stdout.write(`${schemas}--\n${locations}`);
