/*
 * What is being written into a metadata container: the text, and the members
 * as they were stored when it was begun.  Drafts live as long as the page:
 * neither an error nor another view loses a word.
 */

import { JsonError, parse } from './json-parser.js';
import { canonical, editable, quote, removeMember, setMember }
  from './json-writer.js';
import { members } from './model.js';

const drafts = new Map();

class Draft {
  constructor(container, user) {
    this.container = container;
    this.reset(user);
  }

  /* To what is stored. */

  reset(user) {
    this.base = storedMembers(user, this.container);

    const lines = [...this.base].map(([name, { text }]) =>
      `  ${quote(name)}: ${text}`);

    this.clean = this.text = lines.length ? `{\n${lines.join(',\n')}\n}` : '{}';
  }

  get dirty() {
    return this.text !== this.clean;
  }

  /* The object that the text is; throws a JsonError. */

  root() {
    const root = parse(this.text);
    const seen = new Set();

    if (!root.members) {
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
   * What differs from the base: {name, was, is, how, source}, was and is
   * canonical, source as typed.  A null takes a member away, as in the API.
   */

  changes() {
    const left = new Map(this.base);
    const found = this.root().members.map(({ name, start, nameEnd, value }) => {
      const was = left.get(name)?.canonical;

      left.delete(name);
      return change(name, was, canonical(this.text, value),
        this.text.slice(start, nameEnd) + ':'
        + this.text.slice(value.start, value.end));
    });

    for (const [name, { canonical: was }] of left) {
      found.push(change(name, was, 'null', JSON.stringify(name) + ':null'));
    }
    return found.filter(({ was, is }) => !sameValue(was, is));
  }

  /* Puts a value into the text; returns where it stands. */

  set(name, value) {
    const place = setMember(this.text, this.root(), name, value);

    this.text = place.text;
    return place;
  }

  /* What was typed since this text was sent stays. */

  saved(text, changes, user) {
    if (this.text === text) this.text = this.clean;
    this.rebase(changes, storedMembers(user, this.container));
  }

  /* The base is as stored now, and so is a text that gives way. */

  rebase(changes, stored, giveWay) {
    for (const { name } of changes) {
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

/* The first-level members of a container. */

export function storedMembers(user, container) {
  return new Map(members(user.get(container)).map(({ name, value }) => [name, {
    text: editable(user.text, value, 1),
    canonical: canonical(user.text, value),
  }]));
}

/* On what is stored now, unless it was begun before. */

export function draftOf(user, container) {
  const key = `${container} ${user.id}`;
  const draft = drafts.get(key) ?? new Draft(container, user);

  drafts.set(key, draft);
  if (!draft.dirty) draft.reset(user);
  return draft;
}

/* Is there a draft not saved, of this user or of anyone? */

export function isDirty(id) {
  return [...drafts].some(([key, draft]) => draft.dirty
    && (id === undefined || key === `${draft.container} ${id}`));
}
