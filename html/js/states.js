/*
 * What stands where an answer is awaited, or did not come as hoped.
 */

import { announce, button, focus, foreign, h } from './dom.js';
import { tokenForm } from './token.js';

const SLOW = 3000;

const STATES = {
  token: ['The API asks for a token',
    'None was sent, or it is not valid any more.'],
  forbidden: ['This token may not do that', 'Another one may.'],
  missing: ['There is no such user',
    'It was deleted, or the address is wrong.'],
  busy: ['Too many requests', 'The API asks to wait'],
  backend: ['The backend does not answer',
    'The gateway works; the service behind it is down or too slow.'],
  refused: ['The API refused this', ''],
  unreadable: ['The answer is unreadable',
    'It is not what the v2 API would send.'],
  offline: ['The gateway cannot be reached', 'The network or nginx is down.'],
  fault: ['This page has a fault', 'Nothing more is known.'],
};

/*
 * Shows in box what ask() promises, by way of show(result); before that that
 * it is awaited, and an error with a way to try again.
 */

export async function load(box, what, signal, ask, show) {
  const waiting = waitingState(what);

  box.replaceChildren(waiting.element);
  try {
    const result = await ask();

    if (!signal.aborted) {
      box.replaceChildren();
      show(result);
    }
  } catch (error) {
    if (signal.aborted) return;
    box.replaceChildren(failureState(error, async () => {
      const again = load(box, what, signal, ask, show);

      focus(box);
      await again;
      focus(box.querySelector('h1, h2') ?? box);
    }));
  } finally {
    waiting.end();
  }
}

/* A line that says what is awaited, and after a while for how long. */

export function waitingState(what) {
  const began = Date.now();
  const element = h('p', { class: 'state' }, `${what} …`);

  const timer = setInterval(() => {
    const waited = Date.now() - began;

    if (waited < SLOW) return;
    if (!element.classList.contains('slow')) {
      announce('The backend is slow. Still waiting.');
    }
    element.classList.add('slow');
    element.textContent = `${what} … The backend is slow: `
      + `${Math.round(waited / 1000)} s so far.`;
  }, 500);

  return { element, end: () => clearInterval(timer) };
}

export function failureState(error, retry) {
  const { kind = 'fault', message, status, code, wait } = error;
  const [title, hint] = STATES[kind];

  if (kind === 'fault') reportError(error);

  return h('div', { class: `state failure ${kind}`, role: 'alert' },
    h('h2', null, title),
    h('p', null, foreign(message)),
    h('p', null, hint, kind === 'busy' && howLong(wait)),
    status && h('p', { class: 'muted' }, `Status ${status} `,
                foreign(code, 'code')),
    /token|forbidden/.test(kind) ? tokenForm(retry)
      : button('Try again', retry, { class: 'primary' }));
}

function howLong(wait) {
  return !wait ? ' a little.' : /^\d+$/.test(wait) ? ` ${wait} s.`
    : ` until ${wait}.`;
}
