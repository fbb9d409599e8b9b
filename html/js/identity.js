/* The system's part of a user: who this is, and what it did. */

import { foreign, h, muted, tag, time } from './dom.js';
import { IDENTITY } from './fields.js';
import { longText, valueView } from './value.js';

/* Shown even where the user has none: that too says something. */

const ABSENT = { name: 'none', email: 'none', email_verified: 'not known',
                 last_login: 'never', logins_count: '0', blocked: 'no' };

export function identityPart(user) {
  const names = IDENTITY.filter((name) => name !== 'identities');
  const at = names.indexOf('user_id');

  return [
    h('div.columns',
      facts('Profile', user, names.slice(0, at)),
      facts('Account', user, names.slice(at))),
    h('section.card.identity', h('h3', 'Identities'),
      h('ul.identities', user.identities.map((identity) =>
        h('li', identityFacts(user, identity))))),
  ];
}

function facts(title, user, names) {
  return h('section.card.identity', h('h3', title),
    h('dl.facts', names.filter((name) => name in ABSENT
      || user.get(name) || user.effective(name).overridden).map((name) => [
      h('dt', name.replaceAll('_', ' ')),
      h('dd', fact(user, name)),
    ])));
}

function fact(user, name) {
  const node = user.get(name);
  const { value, hidden, overridden } = user.effective(name);

  if (overridden) {
    return [longText(value), h('div',
      tag(`from user_metadata.${name}`, 'metadata'),
      hidden && [' in place of ', longText(hidden)])];
  }
  if (!node || node.kind === 'null') return muted(ABSENT[name] ?? 'none');
  if (node.kind === 'true') return 'yes';
  if (node.kind === 'false') return 'no';
  if (node.value && /_at$|_login$|_date$|_reset$|_modified$/.test(name)) {
    return [time(node.value), node.value.endsWith('Z') && ' UTC'];
  }
  return valueView(user.text, node);
}

function identityFacts(user, identity) {
  const of = (name) => user.textOf(name, identity);
  const main = user.id === `${of('provider')}|${of('user_id')}`;

  return [
    h('b', foreign(of('provider'))), ' ',
    tag(main ? 'main' : 'linked'), ' ',
    of('isSocial') === 'true' && tag('social'),
    h('dl.facts',
      h('dt', 'connection'), h('dd', foreign(of('connection'))),
      h('dt', 'id there'), h('dd', foreign(of('user_id'), 'code'))),
  ];
}
