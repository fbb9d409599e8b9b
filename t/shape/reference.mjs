/*
 * What becomes of a user, once more and by docs/mapping.md only (M1 to M7):
 * a schema, as a list of statements, and the text of v1 make that of v2.
 * Nothing here is fast.
 */

import { array, object, parse, scalar, write } from './json.mjs';

/* M7.1: the names of a path */

export function names(path) {
  const found = [''];

  for (let i = 0; i < path.length; i++) {
    if (path[i] === '.') {
      found.push('');
    } else {
      found[found.length - 1] += path[i] === '\\' ? path[++i] : path[i];
    }
  }
  return found;
}

/* M4.1: how names are compared that hide tokens */

function plain(name) {
  return name.replace(/\u017f/g, 's').replace(/\u212a/g, 'k')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/_/g, '');
}

function pattern(text) {
  return new RegExp(`^(?:${text.slice(1)})$`, 'u');
}

const isText = (name) => !/\p{Surrogate}/u.test(name);

export class Schema {
  constructor(statements) {
    this.users = ['user_id', 'identities'];
    this.from = [['user_id']];
    this.drops = [];
    this.lifts = [];
    this.merges = [];
    this.unwraps = [];
    this.containers = { app: 'app_metadata', user: 'user_metadata' };
    this.renames = new Map();
    this.identities = new Set();
    this.exact = new Map();
    this.patterns = [];
    this.prefixes = [];
    this.providers = new Map();
    this.rest = 'app';
    this.omit = false;
    this.tokens = new Set();

    for (const [word, ...words] of statements) {
      this[`say_${word}`](...words);
    }

    if (this.merges.length === 0) {
      this.merges.push({ path: ['metadata'], into: 'app' });
      this.isOld = true;
    }

    /* what is said of paths, by their names */

    this.said = { names: new Map(), moves: false };
    this.drops.forEach((path) => this.say(path, { what: 'drop' }));
    this.lifts.forEach((path) => this.say(path, { what: 'lift' }));
    this.merges.forEach(({ path, into }, order) =>
      this.say(path, { what: 'merge', into, order }));
    this.unwraps.forEach(({ path }) => this.say(path ?? [], {}));

    /* M2.4, M7.2, M7.4 */

    for (const name of ['user_id', 'identities', ...this.users,
                        ...this.from.map(([first]) => first),
                        ...this.renames.values()]) {
      this.identities.add(name);
    }

    /* M4.3, M7.3: either name of identities */

    this.logins = new Set(['identities', ...[...this.renames]
      .filter(([, to]) => to === 'identities').map(([from]) => from)]
      .map(plain));
  }

  /* "moves": something is taken out of it, or of what is in it */

  say(path, what) {
    let at = this.said;

    for (const name of path) {
      at.moves ||= what.what === 'lift' || what.what === 'merge';
      if (!at.names.has(name)) {
        at.names.set(name, { names: new Map(), moves: false });
      }
      at = at.names.get(name);
    }
    Object.assign(at, what);
  }

  say_user(...words) { this.users = words; }
  say_provider_from(...words) { this.from = words.map(names); }
  say_drop(...words) { this.drops.push(...words.map(names)); }
  say_lift(...words) { this.lifts.push(...words.map(names)); }
  say_rename(from, to) { this.renames.set(from, to); }
  say_identity(...words) { words.forEach((name) => this.identities.add(name)); }
  say_null_metadata(word) { this.omit = word === 'omit'; }
  say_default(word) { this.rest = word.replace('_metadata', ''); }

  say_merge(...words) {
    const into = words.pop().replace('_metadata', '');

    words.pop();
    this.merges.push(...words.map((path) => ({ path: names(path), into })));
  }

  say_unwrap(...words) {
    for (const word of words) {
      if (word[0] === '~') {
        this.unwraps.push({ pattern: pattern(word) });
      } else if (word.endsWith('.*')) {
        this.unwraps.push({ path: names(word.slice(0, -2)), all: true });
      } else {
        this.unwraps.push({ path: names(word), all: false });
      }
    }
  }

  say_container(which, name) {
    this.containers[which.replace('_metadata', '')] = name;
  }

  say_metadata_prefix(which, prefix) {
    this.prefixes.push({ prefix, into: which.replace('_metadata', '') });
    this.prefixes.sort((a, b) => b.prefix.length - a.prefix.length);
  }

  say_identity_drop(...words) {
    words.forEach((name) => this.tokens.add(plain(name)));
  }

  say_provider(id, ...words) {
    if (!this.providers.has(id)) {
      this.providers.set(id, []);
    }
    this.providers.get(id).push(...words.map((word) => word[0] === '~'
      ? { pattern: pattern(word) } : { name: word }));
  }

  say_user_metadata(...words) { this.metadata('user', words); }
  say_app_metadata(...words) { this.metadata('app', words); }

  metadata(into, words) {
    for (const word of words) {
      if (word[0] === '~') {
        this.patterns.push({ pattern: pattern(word), into });
      } else {
        this.exact.set(word, into);
      }
    }
  }

  sends(provider, name) {
    return [provider, '*'].some((id) => this.providers.get(id)?.some((one) =>
      one.name === name || (one.pattern && isText(name)
                            && one.pattern.test(name))));
  }

  /* M2.1 to M2.9 for what is no container */

  class(provider, name) {
    if (this.drops.some(([first, more]) => more === undefined
                                           && first === name)) {
      return { to: 'nowhere' };
    }
    if (this.renames.has(name)) {
      return { to: 'root', as: this.renames.get(name) };
    }
    if (this.identities.has(name)) {
      return { to: 'root' };
    }
    if (this.exact.has(name)) {
      return { to: this.exact.get(name) };
    }

    const prefix = this.prefixes.find((one) => name.startsWith(one.prefix)
      && name.length > one.prefix.length);

    if (prefix) {
      return { to: prefix.into, cut: prefix.prefix };
    }
    if (this.sends(provider, name)) {
      return { to: 'root' };
    }
    if (isText(name)) {
      const found = this.patterns.find((one) => one.pattern.test(name));

      if (found) {
        return { to: found.into };
      }
    }
    return { to: this.rest };
  }
}

/* M5.4: the last value in the place of the first, and spelled as that one */

function once(members) {
  const found = new Map();

  for (const one of members) {
    const first = found.get(one.name);

    found.set(one.name, first ? { ...first, value: one.value, path: one.path }
      : one);
  }
  return [...found.values()];
}

function member(value, name) {
  return value.kind === 'object'
    ? value.members.findLast((one) => one.name === name) : undefined;
}

/*
 * M4.1: an object that loses a member is written without white space, all
 * others keep theirs
 */

function without(value, goes) {
  const cut = (one) => {
    const inner = one.kind === 'object'
      ? one.members.map((member) => member.value) : one.items ?? [];

    if (one.raw === undefined
        || (one.kind === 'object'
            && one.members.some(({ name }) => goes(name)))) {
      return one.kind === 'array' ? `[${one.items.map(cut).join()}]`
        : `{${one.members.filter(({ name }) => !goes(name))
          .map((member) => `${member.key}:${cut(member.value)}`).join()}}`;
    }

    let text = '';
    let at = 0;

    for (const child of inner) {
      text += one.raw.slice(at, child.at - one.at) + cut(child);
      at = child.at - one.at + child.raw.length;
    }
    return text + one.raw.slice(at);
  };

  return parse(cut(value));
}

/* M7.1: the objects in an array, and in the arrays in it */

function elements(value, change) {
  const bare = (list, items) => array(items.map((item, i) =>
    item.kind === 'array' && item === list.items[i] ? bare(item, item.items)
      : item));
  const items = value.items.map((item) => item.kind === 'array'
    ? elements(item, change) : change(item));

  return items.every((item, i) => item === value.items[i]) ? value
    : bare(value, items);
}

/*
 * M7.5 to M7.7: what stays of a value of which "said" is said.  Of a name that
 * is part of a path only the last counts.  What is taken out of it goes to
 * "moves", unless it stands in an array; an object goes with the last that is
 * taken out of it.
 */

function stays(schema, value, said, path, moves) {
  if (value.kind === 'array') {
    return elements(value, (item) => stays(schema, item, said, path, null));
  }
  if (value.kind !== 'object') {
    return value;
  }

  const members = [];

  for (const one of value.members) {
    const more = said.names.get(one.name);
    const here = [...path, one.name];

    if ((more && one !== member(value, one.name))
        || (said.moves && schema.tokens.has(plain(one.name)))
        || more?.what === 'drop') {
      continue;
    }
    if (moves && (more?.what === 'lift' || more?.what === 'merge')) {
      moves.push({ ...one, said: more, path: here });
      continue;
    }

    const rest = more ? stays(schema, one.value, more, here, moves)
      : one.value;

    if (rest) {
      members.push(rest === one.value ? one : { ...one, value: rest });
    }
  }

  if (members.length === value.members.length
      && members.every((one, i) => one === value.members[i])) {
    return value;
  }
  return members.length === 0 && said.moves && moves ? null : object(members);
}

/* M7.8 */

function unwrapped(schema, value, path) {
  if (value.kind === 'object' && path.length < 4) {
    const members = value.members.map((one) => ({ ...one,
      value: unwrapped(schema, one.value, [...path, one.name]) }));

    return members.every((one, i) => one.value === value.members[i].value)
      ? value : object(members);
  }
  if (value.kind !== 'array') {
    return value;
  }
  if (value.items.length === 1 && value.items[0].kind === 'scalar') {
    return schema.unwraps.some((one) => one.pattern
      ? path.every(isText) && one.pattern.test(path.join('.'))
      : one.path.length === path.length - one.all
        && one.path.every((name, i) => name === path[i]))
      ? value.items[0] : value;
  }

  return elements(value, (item) => item.kind === 'object'
    ? unwrapped(schema, item, path) : item);
}

function provider(schema, root) {
  for (const path of schema.from) {
    let at;

    if (path.length === 1 && path[0] === 'user_id') {
      at = member(root, schema.users[0])?.value;

      if (at?.raw?.[0] !== '"' || !JSON.parse(at.raw).includes('|')) {
        continue;
      }
      return JSON.parse(at.raw).split('|')[0];
    }

    at = path.reduce((value, name) => value?.kind === 'array'
      ? (name === '0' ? value.items[0] : undefined)
      : value && member(value, name)?.value, root);

    if (at) {
      return at.kind !== 'scalar' ? null
        : at.raw[0] === '"' ? JSON.parse(at.raw)
          : /^-?\d+$/.test(at.raw) ? at.raw : null;
    }
  }
  return null;
}

const isEmpty = (value) => value.raw === 'null'
  || (value.kind === 'array' && value.items.length === 0);

const isContainer = (value) => value.kind === 'object' || isEmpty(value);

/* M7.5 to M7.7: as if the backend had sent the user so */

function shaped(schema, user) {
  const clean = (value, path) => without(unwrapped(schema, value, path),
    (name) => schema.tokens.has(plain(name)));
  const before = once(user.members);
  const taken = new Set(before.map(({ name }) => name));
  const root = [];
  const lifted = [];
  const merged = [];

  function move({ said, ...one }) {
    const inner = [];
    const rest = stays(schema, one.value, said, one.path, inner);

    inner.forEach(move);

    if (!rest) {
      return;
    }

    const value = schema.isOld && said.what === 'merge' && !said.moves
      ? rest : clean(rest, one.path);

    if (said.what === 'lift') {
      if (!taken.has(one.name)) {
        taken.add(one.name);
        lifted.push({ ...one, value });
      }
    } else if (isContainer(unwrapped(schema, value, one.path))) {
      merged.push({ ...said, path: one.path, members: value.members ?? [] });
    } else {
      lifted.push({ ...one, value, to: 'app' });
    }
  }

  for (const one of before) {
    const said = schema.said.names.get(one.name);
    const path = [one.name];

    const queue = [];

    if (!said || said.what === 'drop') {
      root.push({ ...one, path });
      continue;
    }

    if (said.what === 'merge') {
      if (isContainer(unwrapped(schema, one.value, path))) {
        queue.push({ ...one, path, said });
      } else {
        const value = stays(schema, one.value, said, path, queue);

        root.push({ ...one, path, value: schema.isOld && !said.moves
          ? value : clean(value, path),
                    to: 'app' });
      }
    } else {
      const value = stays(schema, one.value, said, path, queue);

      if (value) {
        root.push({ ...one, path,
                    value: said.moves ? clean(value, path) : value });
      }
    }

    queue.forEach(move);
  }

  merged.sort((a, b) => a.order - b.order);
  return { root: [...root, ...lifted], merged };
}

export function rewrite(schema, text) {
  const user = parse(text);

  if (user.kind !== 'object'
      || !schema.users.some((name) => member(user, name))) {
    return text;
  }

  const who = provider(schema, object(once(user.members)));
  const known = who !== null && schema.providers.has(who) && who !== '*'
    ? who : null;
  const { root, merged } = shaped(schema, user);
  const kept = [];
  const bags = { app: [], user: [] };
  const own = new Set([...user.members, ...root.filter(({ to }) => !to)]
    .map(({ name }) => name));

  const unwrap = (value, path) => unwrapped(schema, value, path);

  const login = (one, value) => schema.logins.has(plain(one.name))
    ? without(value, (name) => schema.tokens.has(plain(name))) : value;

  for (const one of root) {
    const bag = Object.keys(bags).find((which) => one.name
      === `${which}_metadata` || one.name === schema.containers[which]);

    if (bag) {
      if (isContainer(unwrap(one.value, one.path))) {
        for (const inner of once(one.value.members ?? [])) {
          bags[bag].push({ ...inner, weight: 2,
                           value: unwrap(inner.value,
                                         [...one.path, inner.name]) });
        }
        continue;
      }
      one.to = 'app';
    }

    const found = one.to ? { to: one.to } : schema.class(known, one.name);
    const value = login(one, unwrap(one.value, one.path));

    if (found.to === 'nowhere') {
      continue;
    }
    if (found.to === 'root') {
      if (found.as !== undefined) {
        if (!own.has(found.as)) {
          kept.push({ ...one, value, name: found.as,
                      key: JSON.stringify(found.as) });
        }
      } else {
        kept.push({ ...one, value });
      }
      continue;
    }

    bags[found.to].push({
      ...one, value, weight: found.cut === undefined ? 3 : 4, late: true,
      name: one.name.slice(found.cut?.length ?? 0),
      key: cut(one.key, found.cut ?? ''),
    });
  }

  for (const one of kept) {
    if (one.name === 'user_id' && /^-?\d+$/.test(one.value.raw)
        && [...schema.renames.values()].includes('user_id')) {
      one.value = scalar(`"${one.value.raw}"`);
    }
  }

  merged.forEach(({ into, path, members }, n) => {
    for (const one of once(members)) {
      bags[into].push({ ...one, weight: n / merged.length,
                        value: unwrap(one.value, [...path, one.name]) });
    }
  });

  const inside = (bag) => {
    const found = new Map();

    /* M3.1: first what was there, then the root's, then what is merged */

    const order = (one) => one.weight >= 3 ? 1 : one.weight === 2 ? 0 : 2;

    for (const one of bags[bag].map((one, i) => ({ one, i })).sort((a, b) =>
      order(a.one) - order(b.one) || a.i - b.i).map(({ one }) => one)) {
      const first = found.get(one.name);

      if (!first) {
        found.set(one.name, one);
      } else if (one.weight >= first.weight) {
        found.set(one.name, { ...first, value: one.value,
                              weight: one.weight });
      }
    }
    return object([...found.values()]
      .filter((one) => !schema.omit || write(one.value) !== 'null'));
  };

  for (const bag of ['app', 'user']) {
    kept.push({ key: JSON.stringify(schema.containers[bag]),
                value: inside(bag) });
  }

  return text.slice(0, text.indexOf('{')) + write(object(kept))
    + text.slice(text.lastIndexOf('}') + 1);
}

/* M2.6: the rest of a name keeps its bytes */

function cut(key, prefix) {
  let at = 1;

  for (let n = 0; n < prefix.length; n++) {
    at += key[at] !== '\\' ? 1 : key[at + 1] === 'u' ? 6 : 2;
  }
  return `"${key.slice(at)}`;
}
