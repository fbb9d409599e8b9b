/*
 * The user as it was served.  Indented, only white space differs; each string
 * is a direction of its own, so that none can turn the next one around.
 */

import { announce, button, h, muted } from './dom.js';
import { print } from './json-text.js';

export function rawPart(user) {
  const pre = h('pre', { class: 'raw', tabindex: '0', role: 'region',
                         'aria-label': 'JSON of this user' });
  const note = h('span', null);
  const exact = h('input', { type: 'checkbox', onchange: show });

  function show() {
    const nodes = [];

    print(user.text, user.root, (kind, text) => nodes.push(kind === 'mark'
      ? text : h('bdi', { class: kind }, text)));
    pre.replaceChildren(...exact.checked ? [user.text] : nodes);
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      note.textContent = 'Copied.';
    } catch {
      pre.focus();
      getSelection().selectAllChildren(pre);
      note.textContent = 'Selected: copy it with Ctrl+C.';
    }
    announce(note.textContent);
  }

  show();
  return [h('div', { class: 'card' },
    h('div', { class: 'row' }, button('Copy', copy, { class: 'primary' }),
      h('label', null, exact, ' White space as served'),
      muted(`${new TextEncoder().encode(user.text).length} bytes`), note),
    pre)];
}
