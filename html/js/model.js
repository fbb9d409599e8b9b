/* An answer as it was served, and what there is to know of a v2 user. */

import { CONTAINERS, IDENTITY, NORMALIZED, OVERRIDABLE, OWN_PROVIDERS }
  from './fields.js';

export class Answer {
  constructor(text, root) {
    this.text = text;
    this.root = root;
  }

  get(name) {
    return member(this.root, name);
  }

  /* A string's value, another value's text, '' for null and none. */

  textOf(name, object = this.root) {
    const node = member(object, name);

    return node?.value ?? (!node || node.kind === 'null' ? ''
      : this.text.slice(node.start, node.end));
  }
}

export class User extends Answer {
  get id() {
    return this.textOf('user_id');
  }

  /* What applications show, and what that hides. */

  effective(name) {
    const own = this.textOf(name);
    const other = OVERRIDABLE.includes(name) && this.override(name)?.value;

    return other ? { value: other, hidden: own, overridden: true }
      : { value: own };
  }

  override(name) {
    return member(this.get('user_metadata'), name);
  }

  get title() {
    return this.effective('name').value || this.textOf('email')
      || this.textOf('username') || this.id || 'A user without a name';
  }

  get identities() {
    const node = this.get('identities');

    return (node?.items ?? [node]).filter((item) => item?.members);
  }

  /* The part of the id before the first bar. */

  get provider() {
    return /^[^|]+(?=\|)/.exec(this.id)?.[0] ?? '';
  }

  get providers() {
    return [...new Set([this.provider, ...this.identities.map((identity) =>
      this.textOf('provider', identity))])].filter(Boolean);
  }

  /* What providers sent: the main one, then each linked account. */

  get providerGroups() {
    const own = OWN_PROVIDERS.includes(this.provider);
    const sent = members(this.root).filter(({ name }) =>
      !own && NORMALIZED.includes(name)
      || !IDENTITY.includes(name) && !CONTAINERS.includes(name));

    return [
      { provider: this.provider, main: true, members: sent },
      ...this.identities.map((identity) => ({
        provider: this.textOf('provider', identity),
        account: this.textOf('user_id', identity),
        members: members(member(identity, 'profileData')),
      })),
    ].filter((group) => group.members.length);
  }
}

export function members(node) {
  return node?.members ?? [];
}

export function member(node, name) {
  return members(node).find((one) => one.name === name)?.value;
}
