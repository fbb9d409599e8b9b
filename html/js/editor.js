/*
 * A field for JSON: line numbers, and below it while one types the line and
 * column of what is wrong, or what summary() says of a text that is right.
 */

import { announce, button, h } from './dom.js';
import { JsonError } from './json-parser.js';

const MIN_ROWS = 6;
const MAX_ROWS = 30;
const PAUSE = 1000;

export class Editor {
  constructor(draft, summary, onedit) {
    const { container } = draft;

    Object.assign(this, { draft, summary, onedit });
    this.gutter = h('div.gutter', { 'aria-hidden': 'true' });
    this.state = h('p.editor-state', { id: `${container}-state` });
    this.area = h('textarea', {
      wrap: 'off', spellcheck: 'false',
      'aria-label': `${container}, JSON`,
      'aria-describedby': `${container}-note ${container}-state`,
      onscroll: () => this.gutter.scrollTop = this.area.scrollTop,
      oninput: () => {
        draft.text = this.area.value;
        this.check();
      },
    });
    this.element = h('div',
      h('div.editor', this.gutter, this.area), this.state);
    this.refresh();
  }

  /* The draft's text changed elsewhere. */

  refresh() {
    this.area.value = this.draft.text;
    this.check();
  }

  check() {
    this.error = this.findError();
    this.area.setAttribute('aria-invalid', !!this.error);
    this.showLines();
    this.state.replaceChildren(...this.error ? this.problem() : this.summary());
    clearTimeout(this.pause);
    if (this.error) this.pause = setTimeout(() => this.announceError(), PAUSE);
    this.onedit();
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

  problem() {
    const { line, column, message, offset } = this.error;

    return [h('span.warn',
              `Line ${line}, column ${column}: ${message}.`), ' ',
            button('Go there', () => this.select(offset), { class: 'link' })];
  }

  announceError() {
    announce(this.state.firstChild.textContent);
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
