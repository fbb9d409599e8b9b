/*
 * What is being written into one metadata container of one user: the text,
 * and the members as they were stored when it was begun.  Drafts live as long
 * as the page: neither an error nor another view loses a word.
 */

import { JsonError, parse } from './json.js';
import { canonical, editable, quote, removeMember, setMember }
  from './json-text.js';
import { members } from './model.js';

const drafts = new Map();

export class Draft {
  constructor(container, stored) {
    this.container = container;
    this.reset(stored);
  }

  /* stored is the Map of storedMembers(). */

  reset(stored) {
    const lines = [...stored].map(([name, { text }]) =>
      `  ${quote(name)}: ${text}`);

    this.base = new Map(stored);
    this.clean = this.text = lines.length ? `{\n${lines.join(',\n')}\n}` : '{}';
  }

  get dirty() {
    return this.text !== this.clean;
  }

  /* The object that the text is; throws a JsonError. */

  root() {
    const root = parse(this.text);
    const seen = new Set();

    if (root.kind !== 'object') {
      throw new JsonError(this.text, root.start,
                          'metadata is an object, {} the empty one');
    }
    for (const { name, start } of root.members) {
      if (seen.has(name)) {
        throw new JsonError(this.text, start, 'this name stands here twice');
      }
      seen.add(name);
    }
    return root;
  }

  /*
   * What differs from the base: {name, was, is, how, source}; was and is are
   * canonical texts or undefined, source is what was typed.  A null takes a
   * member away, as in the API.
   */

  changes() {
    const left = new Map(this.base);
    const found = this.root().members.map((one) => {
      const was = left.get(one.name)?.canonical;
      const is = canonical(this.text, one.value);

      left.delete(one.name);
      return change(one.name, was, is, this.text.slice(one.start, one.nameEnd)
        + ':' + this.text.slice(one.value.start, one.value.end));
    });

    for (const [name, { canonical: was }] of left) {
      found.push(change(name, was, 'null', JSON.stringify(name) + ':null'));
    }
    return found.filter(({ was, is }) => !sameValue(was, is));
  }

  /* Puts a value into the text; returns where it stands. */

  set(name, value) {
    const { text, ...place } = setMember(this.text, this.root(), name, value);

    this.text = text;
    return place;
  }

  /*
   * These members are stored otherwise by now: the base is told, and where the
   * text gives way it says the same.
   */

  rebase(names, stored, giveWay) {
    for (const name of names) {
      const now = stored.get(name);

      this.base.delete(name);
      if (now) this.base.set(name, now);
      if (giveWay && now) this.set(name, now.text);
      if (giveWay && !now) {
        this.text = removeMember(this.text, this.root(), name);
      }
    }
  }
}

function change(name, was, is, source) {
  return { name, was, is, source,
           how: is === 'null' ? 'removed' : was ? 'changed' : 'new' };
}

/* A member that is null is not there. */

export function sameValue(one = 'null', other = 'null') {
  return one === other;
}

/* The first-level members of a container: name to {text, canonical}. */

export function storedMembers(user, container) {
  return new Map(members(user.get(container)).map(({ name, value }) => [name, {
    text: editable(user.text, value, 1),
    canonical: canonical(user.text, value),
  }]));
}

/* The draft of this user, on what is stored now unless it was begun before. */

export function draftOf(user, container) {
  const key = JSON.stringify([user.id, container]);
  const stored = storedMembers(user, container);
  const draft = drafts.get(key) ?? new Draft(container, stored);

  drafts.set(key, draft);
  if (!draft.dirty) draft.reset(stored);
  return draft;
}

export function anyDirty() {
  return [...drafts.values()].some((draft) => draft.dirty);
}
