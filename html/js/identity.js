/*
 * The system's part of a user: who this is, and what it did.
 */

import { foreign, h, muted, tag, time } from './dom.js';
import { IDENTITY, providerLabel } from './schema.js';
import { longText, valueView } from './value.js';

/* Shown even where the user has none: that too says something. */

const ABSENT = { name: 'none', email: 'none', email_verified: 'not known',
                 last_login: 'never', logins_count: '0', blocked: 'no' };

const LABELS = { email: 'E-mail', email_verified: 'E-mail verified',
                 user_id: 'User id', v2_id: 'New id', last_ip: 'Last IP',
                 logins_count: 'Logins', created_at: 'Created',
                 updated_at: 'Updated' };

export function identityPart(user) {
  const names = IDENTITY.filter((name) => name !== 'identities');
  const at = names.indexOf('user_id');

  return [
    h('div', { class: 'columns' },
      facts('Profile', user, names.slice(0, at)),
      facts('Account', user, names.slice(at))),
    h('section', { class: 'card identity' }, h('h3', null, 'Identities'),
      h('ul', { class: 'identities' }, user.identities.map((identity) =>
        h('li', null, identityFacts(user, identity))))),
  ];
}

function facts(title, user, names) {
  return h('section', { class: 'card identity' }, h('h3', null, title),
    h('dl', { class: 'facts' }, names.filter((name) => name in ABSENT
      || user.get(name) || user.effective(name).overridden).map((name) => [
      h('dt', null, LABELS[name]
        ?? name[0].toUpperCase() + name.slice(1).replaceAll('_', ' ')),
      h('dd', null, fact(user, name)),
    ])));
}

function fact(user, name) {
  const node = user.get(name);
  const { value, hidden, overridden } = user.effective(name);

  if (overridden) {
    return [longText(value), h('div', { class: 'note' },
      tag(`from user_metadata.${name}`, 'metadata'),
      hidden ? [' in place of ', longText(hidden)] : '')];
  }
  if (!node || node.kind === 'null') return muted(ABSENT[name] ?? 'none');
  if (node.kind === 'true') return 'yes';
  if (node.kind === 'false') return 'no';
  if (node.value && /_at$|_login$|_date$|_reset$|_modified$/.test(name)) {
    return [time(value), ' UTC'];
  }
  return valueView(user.text, node);
}

function identityFacts(user, identity) {
  const of = (name) => user.textOf(name, identity);
  const main = user.id === `${of('provider')}|${of('user_id')}`;

  return [
    h('b', null, foreign(providerLabel(of('provider')))), ' ',
    tag(main ? 'main' : 'linked'), ' ',
    of('isSocial') === 'true' && tag('social'),
    h('dl', { class: 'facts' },
      h('dt', null, 'Connection'), h('dd', null, foreign(of('connection'))),
      h('dt', null, 'Id there'), h('dd', null, foreign(of('user_id'), 'code'))),
  ];
}
