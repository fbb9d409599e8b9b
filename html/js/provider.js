/* What identity providers sent: to read, and to override. */

import { button, foreign, h, muted, tag } from './dom.js';
import { NORMALIZED } from './fields.js';
import { memberName, valueView } from './value.js';

/* override(name, node) begins an override. */

export function providerPart(user, override) {
  const groups = user.providerGroups;

  return [
    h('p.lead', 'Sent by the provider, and read-only: each login '
      + 'may write it anew. What you override goes into ',
      h('code', 'user_metadata'), ', where applications look first.'),
    groups.length ? groups.map((group) => card(user, group, override))
      : h('p', 'No provider sent more than the identity.'),
  ];
}

function card(user, { provider, account, main, members }, override) {
  return h('section.card.provider',
    h('h3', foreign(provider), ' ',
      !main && [tag('linked account'), ' ', foreign(account, 'code')]),
    h('ul.attributes', members.map(({ name, value }) =>
      attribute(user, name, value, main, override))));
}

function attribute(user, name, value, main, override) {
  const other = user.override(name);

  return h('li',
    h('div', h('b', memberName(name)),
      main && NORMALIZED.includes(name) && muted(' normalized')),
    h('div', valueView(user.text, value),
      other && h('div',
        tag('overridden in user_metadata', 'metadata'), ' ',
        valueView(user.text, other))),
    button(other ? 'Edit override' : 'Override', () => override(name, value),
      { 'aria-label': `${other ? 'Edit override of' : 'Override'} ${name}` }));
}
