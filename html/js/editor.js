/*
 * A field for JSON: line numbers, and while one types the line and column of
 * what is wrong.
 */

import { announce, button, h } from './dom.js';
import { JsonError } from './json.js';

const MIN_ROWS = 6;
const MAX_ROWS = 30;
const PAUSE = 1000;

export class Editor {
  /* oninput is called after each change that was typed. */

  constructor(draft, note, oninput) {
    const id = `editor-${draft.container}`;

    this.draft = draft;
    this.gutter = h('div', { class: 'gutter', 'aria-hidden': 'true' });
    this.problem = h('p', { class: 'problem', id: `${id}-problem` });
    this.area = h('textarea', {
      id, wrap: 'off', spellcheck: 'false', autocapitalize: 'off',
      autocomplete: 'off', 'aria-label': `${draft.container}, JSON`,
      'aria-describedby': `${note} ${id}-problem`,
      onscroll: () => this.gutter.scrollTop = this.area.scrollTop,
      oninput: () => {
        draft.text = this.area.value;
        this.check();
        oninput();
      },
    });
    this.element = h('div', null,
      h('div', { class: 'editor' }, this.gutter, this.area), this.problem);
    this.refresh();
  }

  /* The draft's text changed elsewhere. */

  refresh() {
    this.area.value = this.draft.text;
    this.check();
  }

  check() {
    this.error = this.findError();
    this.showLines();
    this.problem.replaceChildren();
    clearTimeout(this.pause);

    if (!this.error) {
      this.area.removeAttribute('aria-invalid');
      return;
    }

    const { line, column, message, offset } = this.error;
    const text = `Line ${line}, column ${column}: ${message}.`;

    this.area.setAttribute('aria-invalid', 'true');
    this.problem.append(text, ' ',
      button('Go there', () => this.select(offset), { class: 'link' }));
    this.pause = setTimeout(() => announce(text), PAUSE);
  }

  findError() {
    try {
      this.draft.root();
    } catch (error) {
      if (error instanceof JsonError) return error;
      throw error;
    }
    return null;
  }

  showLines() {
    const lines = this.draft.text.split('\n').map((_, i) =>
      h('div', { class: i + 1 === this.error?.line && 'wrong' }, `${i + 1}`));

    this.area.rows = Math.min(Math.max(lines.length, MIN_ROWS), MAX_ROWS);
    this.gutter.replaceChildren(...lines);
  }

  /* Focuses a place in the text. */

  select(start, end = start) {
    const above = this.draft.text.slice(0, start).split('\n').length - 4;

    this.area.focus();
    this.area.setSelectionRange(start, end);
    this.area.scrollTop = above * this.gutter.firstChild.offsetHeight;
  }
}
