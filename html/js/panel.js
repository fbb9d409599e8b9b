/*
 * One metadata container: editor, what would be sent, and what came of it.
 */

import { conflictView } from './conflict.js';
import { announce, button, focus, h, tag } from './dom.js';
import { storedMembers } from './draft.js';
import { Editor } from './editor.js';
import { JsonError } from './json.js';
import { save } from './save.js';
import { failureState, waitingState } from './states.js';
import { memberName } from './value.js';

export class Panel {
  constructor(id, draft, note, onedit, onstored) {
    const { container } = draft;

    Object.assign(this, { id, draft, onedit, onstored });
    this.plan = h('p', { class: 'plan' });
    this.outcome = h('div', null);
    this.editor = new Editor(draft, `${container}-note`, () => this.edited());
    this.element = h('section', { class: 'card metadata' },
      h('h3', null, h('code', null, container)),
      h('p', { id: `${container}-note` }, note),
      this.editor.element, this.plan,
      h('div', { class: 'row' },
        button('Save', () => this.save(), {
          class: 'primary', 'aria-label': `Save ${container}` }),
        button('Discard changes', () => this.discard(), {
          'aria-label': `Discard changes of ${container}` })),
      this.outcome);
    this.showPlan();
  }

  /* The next focus goes to this place in the text. */

  startAt({ start, end, refused }) {
    const { area } = this.editor;

    area.dataset.focus = '';
    area.addEventListener('focus', () => {
      delete area.dataset.focus;
      this.editor.select(start, end);
    }, { once: true });

    if (refused !== undefined) {
      this.tell('To override ', memberName(refused),
                ', first put right what is wrong in this text.');
    }
  }

  edited() {
    this.showPlan();
    this.onedit();
  }

  /* The text was changed, but not by typing. */

  refresh() {
    this.editor.refresh();
    this.edited();
  }

  /* What is stored became known; what is being written stays. */

  show(user) {
    if (this.draft.dirty) return;
    this.draft.reset(storedMembers(user, this.draft.container));
    this.refresh();
  }

  showPlan() {
    const changes = this.editor.error ? [] : this.draft.changes();

    this.plan.replaceChildren(...changes.length ? ['Will be sent: ',
                                                   ...list(changes)] : []);
  }

  tell(...content) {
    this.outcome.replaceChildren(h('p', { class: 'told' }, content));
    announce(this.outcome.textContent);
  }

  discard() {
    this.draft.text = this.draft.clean;
    this.refresh();
    this.tell('Discarded: this is the text as it was read.');
  }

  async save() {
    if (this.editor.area.readOnly) return;

    const waiting = waitingState('Saving');

    this.editor.area.readOnly = true;
    this.outcome.replaceChildren(waiting.element);
    try {
      this.showResult(await save(this.id, this.draft));
    } catch (error) {
      this.showError(error);
    } finally {
      waiting.end();
      this.editor.area.readOnly = false;
    }
  }

  showResult({ user, changes, conflicts, stored }) {
    if (conflicts) {
      this.showConflict(conflicts, stored);
    } else if (user) {
      this.draft.text = this.draft.clean;
      this.onstored(user);
      this.tell(tag('Saved', 'good'), ' ', list(changes),
                '. The text shows what is stored now.');
    } else {
      this.tell('Nothing to save: this is what is stored.');
    }
  }

  showConflict(conflicts, stored) {
    const names = conflicts.map(({ name }) => name);
    const view = conflictView(conflicts, () => {
      this.draft.rebase(names, stored);
      this.save();
    }, () => {
      this.draft.rebase(names, stored, true);
      this.refresh();
      this.tell('The text holds what is stored, and your other changes.');
      focus(this.editor.area);
    });

    this.outcome.replaceChildren(view);
    focus(view.firstChild);
  }

  showError(error) {
    if (error instanceof JsonError) {
      this.outcome.replaceChildren();
      this.editor.select(error.offset);
      announce(this.editor.problem.textContent);
      return;
    }
    this.outcome.replaceChildren(
      failureState(error, () => this.save()), ...this.refused(error),
      h('p', null, 'Your text is kept.'));
  }

  /* A refusal names attributes: one step leads to each that is in the text. */

  refused({ kind, message }) {
    const words = message.slice(message.indexOf(':') + 1).split(/[,\s"]+/);
    const named = kind !== 'refused' ? [] : this.draft.root().members
      .filter(({ name }) => words.includes(name) || words.includes(`${name}.`));

    return named.map(({ name, start, nameEnd }) =>
      button(['Go to ', memberName(name)],
             () => this.editor.select(start, nameEnd)));
  }
}

function list(changes) {
  return changes.flatMap(({ name, how }, i) =>
    [i ? ', ' : '', memberName(name, 'code'), ` (${how})`]);
}
