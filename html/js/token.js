/* The token for the API: entered once, sent in a header and nowhere else. */

import { usersAddress } from './address.js';
import { announce, button, h } from './dom.js';
import { token } from './session.js';

let forms = 0;

export function tokenForm(done) {
  const id = `token-${++forms}`;
  const note = h('p.muted', { id: `${id}-note` }, 'It stays in this '
    + 'tab until that is closed, and goes to this server only.');
  const input = h('input', { id, type: 'password', autocomplete: 'off',
                             'aria-describedby': note.id });

  return h('form', { onsubmit: (event) => {
    event.preventDefault();
    if (/^[!-~]+$/.test(input.value)) {
      token.set(input.value);
      done();
    } else {
      note.textContent = 'A token is letters, digits and signs in a row.';
      input.setAttribute('aria-invalid', 'true');
      input.focus();
    }
  } },
  h('label', { for: id }, 'API token'),
  h('div.row', input,
    h('button.primary', 'Use this token')), note);
}

export function tokenView(main) {
  const state = h('p');
  const forget = button('Forget the token', () => {
    token.forget();
    show();
    announce(state.textContent);
  });

  function show() {
    state.textContent = `${token.get() ? 'A' : 'No'} token is in use.`;
    forget.hidden = !token.get();
  }

  show();
  main.append(h('h1', 'API token'), h('div.card',
    state, tokenForm(() => location.hash = usersAddress()), forget));
}
