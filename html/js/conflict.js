/*
 * Someone else changed the same members since this text was begun: what each
 * side has, before anything is overwritten.
 */

import { announce, button, foreign, h, muted } from './dom.js';
import { sameValue } from './draft.js';
import { memberName } from './value.js';

export function conflictView(conflicts, overwrite, keep) {
  const title = 'Not saved: someone else changed the same meanwhile';

  announce(title);
  return h('div', { class: 'state conflict' },
    h('h4', null, title),
    conflicts.map(({ name, was, now, is }) => [
      h('p', null, memberName(name, 'code')),
      h('dl', { class: 'facts' }, version('When you began', was),
        version('Stored now', now), version('Yours', is)),
    ]),
    h('div', { class: 'row' },
      button('Overwrite with mine', overwrite, { class: 'primary' }),
      button('Keep what is stored', keep)));
}

function version(label, value) {
  return [h('dt', null, label), h('dd', null,
    sameValue(value) ? muted('not there') : foreign(value, 'code'))];
}
