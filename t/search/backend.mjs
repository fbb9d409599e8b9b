/*
 * A v1 backend that can only show pages: node backend.mjs SEED USERS.  Its
 * search looks for words in the e-mail address; it has single users and the
 * lists of a connection and of all social ones.  It says its port, and each
 * kind of call once.
 */

import { createServer } from 'node:http';

import { users } from './random.mjs';

const [seed, count] = process.argv.slice(2).map(Number);
const all = users(seed, count).map((text) => ({ text,
                                                user: JSON.parse(text) }));
const said = new Set();

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://v1');
  const [, id] = /^\/api\/users\/(.+)$/.exec(url.pathname) ?? [];

  if (id) {
    say('user_id');
    one(response, decodeURIComponent(id));
    return;
  }

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

/* A user by id. */

function one(response, id) {
  const found = all.find(({ user }) => user.user_id === id);

  response.writeHead(found ? 200 : 404, { 'Content-Type': 'application/json' });
  response.end(found?.text ?? '{"error":"The user does not exist."}');
}

function wanted(url) {
  const [, connection] = /^\/api\/connections\/(.*)\/users$/
    .exec(url.pathname) ?? [];
  const [, email] = /^email:"(.*)"$/s
    .exec(url.searchParams.get('search') ?? '') ?? [];

  if (email !== undefined) {
    say('email');
    return all.filter(({ user }) => fold(user.email ?? '')
      .includes(fold(email)));
  }
  if (connection !== undefined) {
    say('connection');
    return having((identity) => identity.connection
      === decodeURIComponent(connection));
  }
  if (url.pathname === '/api/socialconnections/users') {
    say('social');
    return having((identity) => identity.isSocial);
  }
  say('all');
  return all;
}

function say(kind) {
  if (!said.has(kind)) {
    said.add(kind);
    process.stdout.write(`list: ${kind}\n`);
  }
}

function having(identity) {
  return all.filter(({ user }) => user.identities.some(identity));
}

/* More alike than a search may tell apart. */

function fold(text) {
  return text.toUpperCase().toLowerCase();
}
