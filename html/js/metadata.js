/* The part that may be edited: both metadata containers. */

import { h } from './dom.js';
import { draftOf } from './draft.js';
import { JsonError } from './json-parser.js';
import { Panel } from './panel.js';

const NOTES = {
  user_metadata: 'The user’s own: preferences and overrides, which users may '
    + 'change through an application.',
  app_metadata: 'The application’s: plans, roles and rights, which users may '
    + 'not change.',
};

/* onedit() after each change of a text, onstored(user) after a save */

export function metadataPart(user, onedit, onstored) {
  const panels = Object.entries(NOTES).map(([container, note]) =>
    new Panel(user.id, draftOf(user, container), note, onedit, (stored) => {
      onstored(stored);
      panels.forEach((panel) => panel.show(stored));
    }));

  return {
    nodes: [
      h('p.lead', 'Saving sends only the first-level members '
        + 'that changed. One taken out, or set to null, is removed.'),
      h('div.columns', panels.map(({ element }) => element)),
    ],
    override: (name, text) => override(panels[0], name, text),
  };
}

/* Puts an attribute into the text, unless it is there already. */

function override(panel, name, text) {
  const { draft } = panel;

  try {
    panel.startAt(draft.root().members.find((one) => one.name === name)?.value
      ?? draft.set(name, text));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    panel.startAt({ start: error.offset });
    panel.tell('First put right what is wrong in this text.');
  }
}
