/*
 * The token for the API: entered once, sent in a header and nowhere else.
 */

import { announce, button, h } from './dom.js';
import { token } from './session.js';
import { usersAddress } from './router.js';

let forms = 0;

export function tokenForm(done) {
  const id = `token-${++forms}`;
  const problem = h('p', { class: 'problem', id: `${id}-problem` });
  const input = h('input', {
    id, type: 'password', autocomplete: 'off',
    'aria-describedby': `${id}-problem ${id}-note`,
  });

  return h('form', { onsubmit: (event) => {
    event.preventDefault();
    if (/^[\x21-\x7e]+$/.test(input.value)) {
      token.set(input.value);
      done();
    } else {
      problem.textContent = 'A token is letters, digits and signs in a row.';
      input.setAttribute('aria-invalid', 'true');
      input.focus();
    }
  } },
  h('label', { for: id }, 'API token'),
  h('div', { class: 'row' }, input,
    h('button', { class: 'primary' }, 'Use this token')),
  problem,
  h('p', { class: 'muted', id: `${id}-note` }, 'It stays in this tab until '
    + 'the tab is closed, and goes to this server only.'));
}

export function tokenView(main) {
  const state = h('p', null);
  const forget = button('Forget the token', () => {
    token.forget();
    show();
    announce(state.textContent);
  });

  function show() {
    state.textContent = token.get() ? 'A token is in use.'
      : 'No token is in use.';
    forget.hidden = !token.get();
  }

  show();
  main.append(h('h1', null, 'API token'), h('div', { class: 'card' },
    state, tokenForm(() => location.hash = usersAddress()), forget));
}
