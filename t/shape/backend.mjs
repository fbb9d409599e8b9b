/*
 * The users of a schema as a list: backend.mjs SEED SCHEMAS USERS; /N has those
 * of schema N.
 */

import { createServer } from 'node:http';

import { pairs } from './random.mjs';

const lists = [...pairs(...process.argv.slice(2).map(Number))]
  .map(({ users }) => `[${users.join(' ,\n')}]`);

const server = createServer((request, response) => {
  response.setHeader('Content-Type', 'application/json');
  response.end(lists[Number(request.url.slice(1))]);
});

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${server.address().port}\n`);
});
