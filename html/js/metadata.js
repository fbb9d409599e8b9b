/*
 * The part that may be edited: both metadata containers, a panel each.
 */

import { h } from './dom.js';
import { draftOf } from './draft.js';
import { JsonError } from './json.js';
import { editable } from './json-text.js';
import { Panel } from './panel.js';

const NOTES = {
  user_metadata: 'The user’s own: preferences and overrides, which users may '
    + 'change themselves through an application.',
  app_metadata: 'The application’s: plans, roles and rights, which users may '
    + 'not change themselves.',
};

/* Where an override begins: {start, end} in user_metadata, refused. */

let begin;

export function metadataPart(user, id, onedit, onstored) {
  const panels = Object.entries(NOTES).map(([container, note]) =>
    new Panel(id, draftOf(user, container), note, onedit, (stored) => {
      onstored(stored);
      panels.forEach((panel) => panel.show(stored));
    }));

  if (begin) panels[0].startAt(begin);
  begin = undefined;

  return [
    h('p', { class: 'lead' }, 'Saving sends only the first-level members that '
      + 'changed. One that is taken out, or set to null, is removed.'),
    h('div', { class: 'columns' }, panels.map(({ element }) => element)),
  ];
}

/*
 * Puts an attribute into the draft of user_metadata, unless it is there
 * already.  Nothing is stored before it is saved.
 */

export function startOverride(user, name, node) {
  const draft = draftOf(user, 'user_metadata');

  try {
    begin = draft.root().members.find((one) => one.name === name)?.value
      ?? draft.set(name, editable(user.text, node, 1));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    begin = { start: error.offset, end: error.offset, refused: name };
  }
}
