/* One metadata container: editor, what would be sent, what came of it. */

import { announce, button, focus, foreign, h, muted, tag } from './dom.js';
import { sameValue } from './draft.js';
import { Editor } from './editor.js';
import { JsonError } from './json-parser.js';
import { save } from './save.js';
import { failureState, waitingState } from './states.js';
import { memberName } from './value.js';

export class Panel {
  /* onedit() after each change of the text, onstored(user) after a save */

  constructor(id, draft, note, onedit, onstored) {
    const { container } = draft;

    Object.assign(this, { id, draft, onstored });
    this.outcome = h('div');
    this.editor = new Editor(draft, () => this.plan(), onedit);
    this.element = h('section.card.metadata',
      h('h3', h('code', container)),
      h('p', { id: `${container}-note` }, note),
      this.editor.element,
      h('div.row',
        button('Save', () => this.save(), {
          class: 'primary', 'aria-label': `Save ${container}` }),
        button('Discard changes', () => this.discard(), {
          'aria-label': `Discard changes of ${container}` })),
      this.outcome);
  }

  plan() {
    const changes = this.draft.changes();

    return changes.length ? ['Will be sent: ', ...list(changes)] : [];
  }

  /* The text was changed; the next focus goes to this place in it. */

  startAt({ start, end }) {
    const { area } = this.editor;

    this.editor.refresh();
    area.dataset.focus = '';
    area.addEventListener('focus', () => {
      delete area.dataset.focus;
      this.editor.select(start, end);
    }, { once: true });
  }

  /* What is stored became known; what is being written stays. */

  show(user) {
    if (this.draft.dirty) return;
    this.draft.reset(user);
    this.editor.refresh();
  }

  tell(...content) {
    this.outcome.replaceChildren(h('p', content));
    announce(this.outcome.textContent);
  }

  discard() {
    this.draft.text = this.draft.clean;
    this.editor.refresh();
    this.tell('Discarded: this is the text as it was read.');
  }

  async save() {
    const { area } = this.editor;
    const { text } = this.draft;

    if (area.readOnly) return;

    const waiting = waitingState('Saving');

    area.readOnly = true;
    this.outcome.replaceChildren(waiting.element);
    try {
      this.showResult(await save(this.id, this.draft), text);
    } catch (error) {
      this.showError(error);
    } finally {
      waiting.end();
      area.readOnly = false;
    }
  }

  showResult({ user, changes, conflicts, stored }, text) {
    if (conflicts) {
      this.showConflict(conflicts, stored);
    } else if (user) {
      this.draft.saved(text, changes, user);
      this.onstored(user);
      this.tell(tag('Saved', 'good'), ' ', list(changes),
                '. The text shows what is stored now.');
    } else {
      this.tell('Nothing to save: this is what is stored.');
    }
  }

  showConflict(conflicts, stored) {
    const view = conflictView(conflicts, () => {
      this.draft.rebase(conflicts, stored);
      this.save();
    }, () => {
      this.draft.rebase(conflicts, stored, true);
      this.editor.refresh();
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
      this.editor.announceError();
      return;
    }
    this.outcome.replaceChildren(failureState(error, 'h4', () => this.save()),
      h('div.row', 'Your text is kept.', this.named(error)));
  }

  /* A refusal names members: one step leads to each that is in the text. */

  named({ kind, message }) {
    const { container } = this.draft;
    const names = message.replace(/\.$/, '').split(/: |, /);

    return kind !== 'refused' ? [] : this.draft.root().members
      .filter(({ name }) => names.includes(`${container}.${name}`))
      .map(({ name, start, nameEnd }) => button(['Go to ', memberName(name)],
        () => this.editor.select(start, nameEnd)));
  }
}

function list(changes) {
  return changes.flatMap(({ name, how }, i) =>
    [i ? ', ' : '', memberName(name, 'code'), ` (${how})`]);
}

/* What each side has, before anything is overwritten. */

function conflictView(conflicts, overwrite, keep) {
  const title = 'Not saved: someone else changed the same meanwhile';

  announce(title);
  return h('div.conflict', h('h4', title),
    conflicts.map(({ name, was, now, is }) => [
      h('p', memberName(name, 'code')),
      h('dl.facts', version('when you began', was),
        version('stored now', now), version('yours', is)),
    ]),
    h('div.row',
      button('Overwrite with mine', overwrite, { class: 'primary' }),
      button('Keep what is stored', keep)));
}

function version(label, value) {
  return [h('dt', label), h('dd',
    sameValue(value) ? muted('not there') : foreign(value, 'code'))];
}
