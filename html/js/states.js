/* What stands where an answer is awaited, or did not come as hoped. */

import { announce, button, focus, foreign, h } from './dom.js';
import { tokenForm } from './token.js';

const SLOW = 3000;

const STATES = {
  token: ['The API asks for a token', 'There is none, or it is not valid.'],
  forbidden: ['This token may not do that', 'Another one may.'],
  missing: ['There is no such user', 'Deleted, or the address is wrong.'],
  busy: ['Too many requests', 'The API asks to wait'],
  backend: ['The backend does not answer',
    'The gateway works; the service behind it is down or too slow.'],
  refused: ['The API refused this'],
  unreadable: ['The answer is unreadable', 'The v2 API would not send it.'],
  offline: ['The gateway cannot be reached', 'The network or nginx is down.'],
  fault: ['This page has a fault'],
};

/* Shows in box that ask() is awaited, then show(result) or an error. */

export async function load(box, what, signal, ask, show) {
  const waiting = waitingState(what);

  box.replaceChildren(waiting.element);
  try {
    const result = await ask();

    if (signal.aborted) return;
    box.replaceChildren();
    show(result);
  } catch (error) {
    if (signal.aborted) return;
    box.replaceChildren(failureState(error, box.id ? 'h1' : 'h2', async () => {
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
  const element = h('p', `${what} …`);

  const timer = setInterval(() => {
    const waited = Date.now() - began;

    if (waited < SLOW) return;
    if (!element.className) announce('The backend is slow.');
    element.className = 'warn slow';
    element.textContent = `${what} … The backend is slow: `
      + `${Math.round(waited / 1000)} s so far.`;
  }, 500);

  return { element, end: () => clearInterval(timer) };
}

export function failureState(error, heading, retry) {
  const { kind = 'fault', message, status, code, wait } = error;
  const [title, hint] = STATES[kind];

  if (kind === 'fault') reportError(error);

  return h('div', { class: `failure ${kind}`, role: 'alert' },
    h(heading, title),
    h('p', foreign(message)),
    h('p', hint, kind === 'busy' && howLong(wait)),
    status && h('p.muted', `Status ${status} `, foreign(code, 'code')),
    /token|forbidden/.test(kind) ? tokenForm(retry)
      : button('Try again', retry, { class: 'primary' }));
}

function howLong(wait) {
  return !wait ? ' a little.' : /\D/.test(wait) ? ` until ${wait}.`
    : ` ${wait} s.`;
}
