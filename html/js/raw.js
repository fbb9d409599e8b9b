/* The user as it was served.  Each string has a direction of its own. */

import { announce, button, h } from './dom.js';
import { print } from './json-writer.js';

export function rawPart(user) {
  const pre = h('pre.raw', { tabindex: '0', role: 'region',
                         'aria-label': 'JSON of this user' });
  const note = h('span');
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
  return [h('div.card',
    h('div.row', button('Copy', copy, { class: 'primary' }),
      h('label', exact, ' White space as served'), note),
    pre)];
}
