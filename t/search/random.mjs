/*
 * Users of v1 and queries of v2 by chance, the same ones for the same seed.
 * There are few fields and few values, so that queries find somebody; the
 * values are those at which an answer may go wrong.
 */

const LETTERS = ['a', 'B', 'z', 'É', 'é', 'ß', 'ẞ', 'İ', 'ı', 'I', 'K', 'k',
                 'Σ', 'ς', 'σ', 'ﬀ', 'ж', 'Ж', '𐐀', '𐐨', '😀', '\uffee',
                 ' ', '-', '.', '_', '|', '/', '@', '+', '"', '\\', '*', ':',
                 '(', ')', '{', ']', '\'', '&', '%', '#', '<', '\t', '\u0001'];

const NUMBERS = ['0', '-0', '0.0', '1', '1.0', '10e-1', '0.1e1', '-1', '2',
                 '10', '9', '1e2', '100', '1E+2', '99.99', '100.00000000001',
                 '9007199254740992', '9007199254740993', '9007199254740994',
                 '9007199254740993.0', '90071992547409930e-1', '-1e400',
                 '1e400', '10e399', '1e-400', '123456789012345678901234567890',
                 '123456789012345678901234567891', '0.1', '0.10', '1e-1',
                 '0.1000000000000000055511151231257827'];

const DATES = ['2017', '2017-11', '2017-12', '2017-12-31', '2018-01-01',
               '2017-12-31T23', '2017-12-31T23:59', '2017-12-31T23:59:59',
               '2017-12-31T23:59:59Z', '2017-12-31T23:59:59.999Z',
               '2017-12-31T23:59:59.9Z', '2018-01-01T00:00:00.000Z',
               '2016-02-29', '2018-01-01T00:59:59.000+01:00',
               '2017-12-31T19:30-0430', '2016-02-29T00:00:00+14:00',
               '2017-12-01T00:00:00.000Z', '2015', '2019-06-30T12:00:00.500Z'];

const WORDS = ['gold', 'Gold', 'free', 'silver', 'gol', 'goldfish', 'true',
               'false', 'null', '5', '1.0', 'Paris', 'paris', 'Straße', 'AND',
               '', 'a', 'green apple', 'x:y', 'C:\\d', 'say "hi"', 'a*', '-5'];

const PROVIDERS = ['auth0', 'google-oauth2', 'facebook', 'github', 'samlp'];

const DOMAINS = ['example.com', 'Example.com', 'x.org', 'mail.example.com'];

/* A number that is written as it is. */

class Raw {
  constructor(text) {
    this.text = text;
  }
}

export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /* From 0 to less than "n": mulberry32. */

  below(n) {
    this.state = (this.state + 0x6d2b79f5) >>> 0;

    let x = this.state;

    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % n;
  }

  chance(percent) {
    return this.below(100) < percent;
  }

  of(list) {
    return list[this.below(list.length)];
  }

  times(most, work) {
    return Array.from({ length: this.below(most + 1) }, work);
  }

  text() {
    return this.times(4, () => this.of(LETTERS)).join('');
  }

  word() {
    return this.chance(70) ? this.of(WORDS) : this.text();
  }

  date() {
    if (this.chance(50)) {
      return this.of(DATES);
    }
    return new Date(Date.UTC(2016, this.below(36), 1 + this.below(28),
                             this.below(24), 0, 0, this.below(1000)))
      .toISOString();
  }

  number() {
    return this.chance(60) ? this.of(NUMBERS) : String(this.below(200));
  }

  /* What may be metadata. */

  value(depth) {
    switch (this.below(depth ? 9 : 6)) {
      case 0:
        return new Raw(this.number());
      case 1:
        return this.chance(50);
      case 2:
        return this.chance(50) ? null : '';
      case 3:
        return this.date();
      case 4:
      case 5:
        return this.word();
      case 6:
        return this.times(3, () => this.value(depth - 1));
      default:
        return this.object(['plan', 'city', 'n', 'x-y', 'ü'], depth - 1, 50);
    }
  }

  object(names, depth, percent) {
    const object = {};

    for (const name of names) {
      if (this.chance(percent)) {
        object[name] = this.value(depth);
      }
    }
    return object;
  }

  email(n) {
    const name = this.chance(80) ? this.of(['Jo', 'jo', 'ann', 'Émile', 'K'])
      : this.of(['a"b', 'a b', 'a+b', 'a|b', 'x@y']);

    return `${name}${this.chance(50) ? n : n % 7}@${this.of(DOMAINS)}`;
  }

  identity(id, provider) {
    return { user_id: id, provider,
             connection: this.of([provider, 'db', 'My Db', 'staff']),
             isSocial: this.chance(50), access_token: this.word(),
             ...this.chance(20)
               && { profileData: { name: this.word(), age: this.value(0) } } };
  }

  user(n) {
    const provider = this.of(PROVIDERS);
    const identities = [this.identity(String(n), provider),
                        ...this.times(2, () => this.identity(
                          String(this.below(99)), this.of(PROVIDERS)))];
    const some = (percent, values) => (this.chance(percent) ? values() : {});
    const members = {
      _id: `5${n}`, user_id: `${provider}|${n}`, identities,
      ...some(90, () => ({ email: this.email(n) })),
      ...some(80, () => ({ name: this.word(), nickname: this.text() })),
      ...some(30, () => ({ given_name: this.word(), family_name: null })),
      ...some(90, () => ({ created_at: this.date() })),
      ...some(70, () => ({ lastLogin: this.date(), lastIP: '10.0.0.1' })),
      ...some(80, () => ({ loginsCount: new Raw(this.number()) })),
      ...some(60, () => ({ blocked: this.chance(50) })),
      ...some(60, () => ({ email_verified: this.chance(50) })),
      ...some(30, () => ({ username: this.value(1) })),
      ...this.object(['plan', 'roles', 'score', 'subscription', 'since', 'x-y',
                      'um_plan', 'um_addresses', 'um_since', 'um_score'], 3,
                     50),
    };

    return this.write(this.shuffled(Object.entries(members)));
  }

  shuffled(list) {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);

      [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
  }

  /* JSON, with escapes and space that are not needed. */

  write(entries) {
    const members = entries.map(([name, value]) => `${this.string(name)}:`
      + this.json(value));

    return `{${members.join(this.chance(5) ? ' ,\n' : ',')}}`;
  }

  json(value) {
    if (value instanceof Raw) {
      return value.text;
    }
    if (typeof value === 'string') {
      return this.string(value);
    }
    if (Array.isArray(value)) {
      return `[${value.map((element) => this.json(element)).join(',')}]`;
    }
    return value && typeof value === 'object'
      ? this.write(Object.entries(value)) : JSON.stringify(value);
  }

  string(text) {
    if (this.chance(90)) {
      return JSON.stringify(text);
    }
    return `"${Array.from({ length: text.length }, (_, i) => `\\u${
      text.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;
  }
}

export function users(seed, count) {
  const random = new Random(seed);

  return Array.from({ length: count }, (_, n) => random.user(n));
}

/* A field, what is looked for there, and whether a range may be. */

const FIELDS = [
  ['email', (r) => r.email(r.below(60))],
  ['email.domain', (r) => r.of(DOMAINS)],
  ['name', (r) => r.word()], ['nickname', (r) => r.text()],
  ['given_name', (r) => r.word()], ['family_name', (r) => r.word()],
  ['user_id', id],
  ['logins_count', (r) => r.number()], ['blocked', (r) => r.of(WORDS)],
  ['created_at', (r) => r.date()], ['last_login', (r) => r.date()],
  ['username', (r) => r.word()], ['username.plan', (r) => r.word()],
  ['email_verified', (r) => r.of(['true', 'false'])],
  ['identities.connection', (r) => r.of(['db', 'My Db', 'auth0', 'github'])],
  ['identities.provider', (r) => r.of(PROVIDERS)],
  ['identities.isSocial', (r) => r.of(['true', 'false'])],
  ['identities.user_id', (r) => String(r.below(99))],
  ['identities.profileData.name', (r) => r.word()],
  ['identities.access_token', (r) => r.word()],
  ['app_metadata.plan', (r) => r.word()],
  ['app_metadata.roles', (r) => r.word()],
  ['app_metadata.x-y', (r) => r.word()],
  ['app_metadata.score', (r) => r.number()],
  ['app_metadata.since', (r) => r.date()],
  ['app_metadata.subscription', (r) => r.word()],
  ['app_metadata.subscription.plan', (r) => r.word()],
  ['app_metadata.subscription.n', (r) => r.number()],
  ['app_metadata.roles.city', (r) => r.word()],
  ['app_metadata', (r) => r.word()], ['nosuch.at.all', (r) => r.word()],
  ['user_metadata.plan', (r) => r.word()],
  ['user_metadata.score', (r) => r.number()],
  ['user_metadata.since', (r) => r.date()],
  ['user_metadata.addresses.city', (r) => r.word()],
];

function id(random) {
  return `${random.of(PROVIDERS)}|${random.below(100)}`;
}

const SORTS = ['email', 'name', 'nickname', 'created_at', 'last_login',
               'logins_count', 'blocked', 'user_id', 'username', 'nosuch'];

const ODD = ['word', 'email:', ':x', 'email:"x', '(email:x', 'email:x)',
             'email:x name:y', 'email:x and name:y', 'AND', 'email:x OR',
             'NOT', 'email:(x y)', 'email:[a TO', 'email:[a b]',
             'name:[a to b]', 'name:[1 TO a]', 'name:[ab* TO b]',
             'user_metadata.plan:gol*', 'user_metadata.n:[1 TO 2]',
             'email:()', '()', 'email.:x', '.email:x', '- email:x',
             'email:x AND AND name:y', 'email:x && name:y', 'email:x\\',
             '_exists_:', '_exists_:email*', 'name:*', 'name:*bcd', 'name:ab*',
             'name:a*b', 'name:-5', 'name:/a/', 'name:a?', 'name:a~', 'a:b:c',
             `a:${'b'.repeat(1022)}`, `a:${'b'.repeat(1023)}`,
             `${'('.repeat(8)}a:b${')'.repeat(8)}`,
             `${'('.repeat(9)}a:b${')'.repeat(9)}`,
             Array(32).fill('a:b').join(' OR '),
             Array(33).fill('a:b').join(' OR '), 'name:[* TO *',
             'name:{a TO b', 'created_at:[2017-02-29 TO *]',
             'created_at:2017-12-31T12:00:00Z'];

class Query {
  constructor(random) {
    this.random = random;
  }

  value(text) {
    return this.random.chance(50) || !/^[^\s\p{C}-]+$/u.test(text)
      || ['AND', 'OR', 'NOT', 'TO'].includes(text)
      ? `"${text.replace(/["\\]/g, '\\$&')}"`
      : this.bare(text);
  }

  bare(text) {
    return text.replace(/[^\p{L}\p{N}\p{S}@._|/-]|[<>=+^~|]/gu, '\\$&');
  }

  term() {
    const r = this.random;
    const [field, make] = r.of(FIELDS);
    const value = () => this.value(make(r));
    const bare = field.startsWith('user_metadata');

    switch (r.below(bare ? 8 : 12)) {
      case 0:
        return `_exists_:${field}`;
      case 1:
        return `${field}:(${this.sides(() => value(), 2)})`;
      case 8:
      case 9:
        return `${field}:${this.range(value)}`;
      case 10:
        return this.prefix(field, make(r));
      default:
        return `${field}:${value()}`;
    }
  }

  prefix(field, text) {
    const start = Array.from(text).slice(0, 3 + this.random.below(3)).join('');

    return Array.from(start).length < 3 || /[\s\p{C}]|^-/u.test(start)
      ? `_exists_:${field}` : `${field}:${this.bare(start)}*`;
  }

  range(value) {
    const end = () => (this.random.chance(25) ? '*' : value());

    return `${this.random.of('[{')}${end()} TO ${end()}${
      this.random.of(']}')}`;
  }

  sides(operand, depth) {
    const r = this.random;

    if (!depth || r.chance(40)) {
      return operand();
    }
    switch (r.below(4)) {
      case 0:
        return `(${this.sides(operand, depth - 1)})`;
      case 1:
        return `NOT ${operand()}`;
      default:
        return this.sides(operand, depth - 1) + r.of([' AND ', ' OR '])
          + this.sides(operand, depth - 1);
    }
  }

  clause() {
    return this.sides(() => (this.random.chance(10) ? '-' : '') + this.term(),
                      3);
  }

  /* What v1 has a list of its own for. */

  narrow(kind) {
    const [field, make] = [
      ['email', (r) => r.email(r.below(60))], ['user_id', id],
      ['identities.connection', (r) => r.of(['db', 'My Db', 'auth0'])],
      ['identities.isSocial', () => 'true'],
    ][kind];
    const term = `${field}:${this.value(make(this.random))}`;

    return this.random.of([term, `${term} AND (${this.clause()})`,
                           `(${this.clause()}) AND ${term}`]);
  }

  /* Something that is left out, put in or put elsewhere. */

  spoiled() {
    const text = Array.from(this.clause());

    text.splice(this.random.below(text.length), this.random.below(2),
                ...this.random.of([[], ['('], [')'], ['"'], [':'], [' '],
                                   ['['], ['*'], ['\\']]));
    return text.join('');
  }
}

export function queries(seed, count) {
  const random = new Random(seed + 1);
  const query = new Query(random);

  return Array.from({ length: count }, (_, n) => {
    const call = {};

    if (n % 10 === 0) {
      call.q = query.narrow(n / 10 % 4);
    } else if (random.chance(90)) {
      call.q = random.chance(90) ? query.clause()
        : random.chance(50) ? random.of(ODD) : query.spoiled();
    }
    if (!call.q || random.chance(40)) {
      call.sort = `${random.of(SORTS)}:${random.of(['1', '-1'])}`;
    }
    if (random.chance(60)) {
      call.perPage = random.of([0, 1, 2, 10, 49, 50, 99, 100]);
    }
    if (random.chance(40)) {
      call.page = random.of([0, 1, 2, 3, 9, 10]);
    }
    call.totals = random.chance(50);
    return call;
  });
}
