/*
 * Requests of SDKs in other languages as they leave the machine: header lines,
 * escapes, and what stands in a body where nothing has to.  Taken from their
 * sources, all public:
 *
 *   auth0/go-auth0 v0.17.0, v1.4.0, v1.21.0: management/management_request.go
 *       (NewRequest, URI: Read and List encode a nil pointer as "null"; since
 *       1.5.0 such a body is left out), internal/client/client.go
 *   auth0/auth0-python 3.24.0: auth0/v3/rest.py, auth0/v3/management/users.py;
 *       5.8.0: src/auth0/management/core/client_wrapper.py, users/raw_client.py
 *   auth0/ruby-auth0 v4.17.0, v5.18.0: below lib/auth0/mixins/
 *   auth0/auth0-java 2.24.0: src/main/java/com/auth0/net/BaseRequest.java
 *   auth0/auth0.net 7.30.0: src/Auth0.ManagementApi/
 *       HttpClientManagementConnection.cs, Clients/UsersClient.cs
 *   auth0/auth0-PHP 8.3.8: src/Utility/HttpClient.php, HttpRequest.php
 */

import { Agent, request } from 'node:https';

const agent = new Agent({ keepAlive: true });

function telemetry(name, version) {
  return Buffer.from(JSON.stringify({ name, version })).toString('base64');
}

/* JSON as each of them writes it. */

const json = {
  plain: (value) => JSON.stringify(value),
  line: (value) => `${JSON.stringify(value).replace(/[<>&]/g, unicode)}\n`,
  spaced: (value) => ascii(spaced(value)),
  slashed: (value) => ascii(JSON.stringify(value)).replaceAll('/', '\\/'),
};

function unicode(c) {
  return `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function ascii(text) {
  return text.replace(/[^\0-\x7f]/g, unicode);
}

/* Between members and behind names Python has a space. */

function spaced(value) {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.entries(value).map(([name, member]) =>
    `${JSON.stringify(name)}: ${spaced(member)}`).join(', ')}}`;
}

/*
 * headers: those of all requests; type: the Content-Type of a request without
 * a body, and of one with; empty: the body of a read, by what it reads; totals:
 * how a list is asked for without a wish.
 */

function go(version, empty) {
  return {
    name: `go-auth0 ${version}`,
    headers: { 'User-Agent': `Go-Auth0/${version}`,
               'Auth0-Client': telemetry('go-auth0', version),
               'Accept-Encoding': 'gzip' },
    type: ['application/json', 'application/json'],
    empty, json: json.line, plus: true,
    list: { include_totals: 'true', per_page: '50' },
  };
}

export const FORMS = [
  go('0.17.0', 'null\n'),
  go('1.4.0', 'null\n'),
  go('1.21.0', ''),
  {
    name: 'auth0-python 3.24.0',
    headers: { 'User-Agent': 'Python/3.9.2', 'Accept-Encoding': 'gzip, deflate',
               Accept: '*/*',
               'Auth0-Client': telemetry('auth0-python', '3.24.0') },
    type: ['application/json', 'application/json'],
    empty: '', json: json.spaced, plus: true,
    list: { page: '0', per_page: '25', include_totals: 'true',
            include_fields: 'true' },
    get: { include_fields: 'true' },
  },
  {
    name: 'auth0-python 5.8.0',
    headers: { Accept: '*/*', 'Accept-Encoding': 'gzip, deflate',
               'User-Agent': 'Python/3.12.1',
               'Auth0-Client': telemetry('auth0-python', '5.8.0') },
    type: [undefined, 'application/json'],
    empty: '', json: json.plain,
    list: { page: '0', per_page: '50', include_totals: 'true' },
  },
  {
    name: 'ruby-auth0 4.17.0',
    headers: { Accept: '*/*', 'User-Agent':
                 'rest-client/2.1.0 (linux-gnu x86_64) ruby/2.7.4p191',
               'Auth0-Client': telemetry('ruby-auth0', '4.17.0'),
               'Accept-Encoding':
                 'gzip;q=1.0,deflate;q=0.6,identity;q=0.3' },
    type: ['application/json', 'application/json'],
    empty: '', json: json.plain,
    list: {}, get: { include_fields: 'true' },
  },
  {
    name: 'ruby-auth0 5.18.0',
    headers: { Accept: '*/*', 'User-Agent':
                 'rest-client/2.1.0 (linux x86_64) ruby/3.3.0p0',
               'Auth0-Client': telemetry('ruby-auth0', '5.18.0'),
               'Accept-Encoding':
                 'gzip;q=1.0,deflate;q=0.6,identity;q=0.3' },
    type: ['application/json', 'application/json'],
    empty: '', json: json.plain,
    list: {}, get: { include_fields: 'true' },
  },
  {
    name: 'auth0-java 2.24.0',
    headers: { 'Auth0-Client': telemetry('auth0-java', '2.24.0'),
               Connection: 'Keep-Alive', 'Accept-Encoding': 'gzip',
               'User-Agent': 'okhttp/4.12.0' },
    type: ['application/json', 'application/json'],
    empty: '', json: json.plain,
    list: { include_totals: 'true', page: '0', per_page: '50' },
  },
  {
    name: 'auth0.net 7.30.0',
    headers: { 'Auth0-Client': telemetry('Auth0.Net', '7.30.0'),
               'Accept-Encoding': 'gzip, deflate' },
    type: [undefined, 'application/json; charset=utf-8'],
    empty: '', json: json.plain,
    list: { include_totals: 'true', page: '0', per_page: '50' },
    get: { include_fields: 'true' },
  },
  {
    name: 'auth0-php 8.3.8',
    headers: { 'Auth0-Client': telemetry('auth0-php', '8.3.8'),
               'User-Agent': 'GuzzleHttp/7' },
    type: [undefined, 'application/json'],
    deleteType: 'application/json',
    empty: '', json: json.slashed,
    list: { page: '0', per_page: '50', include_totals: 'true' },
  },
];

/* One request of a form, and what came back, unpacked by nobody. */

export function send(form, { domain, token }, method, path,
                     { query = {}, body, reads } = {}) {
  const search = Object.entries(query).map(([name, value]) =>
    `${escape(form, name)}=${escape(form, value)}`).join('&');
  const text = body === undefined ? reads ? form.empty : '' : form.json(body);
  const type = text ? form.type[1]
    : method === 'DELETE' && form.deleteType || form.type[0];

  return new Promise((resolve, reject) => {
    const [host, port] = domain.split(':');
    const client = request({
      agent, host, port, method, path: path + (search && `?${search}`),
      headers: { ...form.headers, Authorization: `Bearer ${token}`,
                 ...type && { 'Content-Type': type },
                 ...text && { 'Content-Length': Buffer.byteLength(text) } },
    }, (response) => {
      const pieces = [];

      response.on('data', (piece) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const answer = Buffer.concat(pieces).toString();

        resolve({ status: response.statusCode, headers: response.headers,
                  text: answer, json: answer && JSON.parse(answer) });
      });
    });

    client.on('error', reject);
    client.end(text);
  });
}

function escape(form, text) {
  const escaped = encodeURIComponent(text);

  return form.plus ? escaped.replaceAll('%20', '+') : escaped;
}
