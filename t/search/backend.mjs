/*
 * A v1 backend that can only show pages: node backend.mjs SEED USERS.  Its
 * search looks for words in the e-mail address; it has the lists of a
 * connection and of all social ones.  All it says is its port.
 */

import { createServer } from 'node:http';

import { users } from './random.mjs';

const [seed, count] = process.argv.slice(2).map(Number);
const all = users(seed, count).map((text) => ({ text,
                                                user: JSON.parse(text) }));

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://v1');
  const [size, page] = ['per_page', 'page'].map((name) =>
    Number(url.searchParams.get(name)));
  const list = wanted(url);
  const rest = list.length > (page + 1) * size;
  const body = list.slice(page * size, (page + 1) * size)
    .map(({ text }) => text).join(',');

  response.writeHead(200, {
    'Content-Type': 'application/json',
    Link: `</list>; rel="${rest ? 'next' : 'prev'}"`,
  });
  response.end(`[${body}]`);
});

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${server.address().port}\n`);
});

function wanted(url) {
  const [, connection] = /^\/api\/connections\/(.*)\/users$/
    .exec(url.pathname) ?? [];
  const [, email] = /^email:"(.*)"$/s
    .exec(url.searchParams.get('search') ?? '') ?? [];

  if (email !== undefined) {
    return all.filter(({ user }) => fold(user.email ?? '')
      .includes(fold(email)));
  }
  if (connection !== undefined) {
    return having((identity) => identity.connection
      === decodeURIComponent(connection));
  }
  if (url.pathname === '/api/socialconnections/users') {
    return having((identity) => identity.isSocial);
  }
  return all;
}

function having(identity) {
  return all.filter(({ user }) => user.identities.some(identity));
}

/* More alike than a search may tell apart. */

function fold(text) {
  return text.toUpperCase().toLowerCase();
}
