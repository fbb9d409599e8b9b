/* Shows the view of the address, whenever that changes. */

import { parseAddress, usersAddress } from './address.js';
import { focus, h } from './dom.js';
import { isDirty } from './draft.js';
import { remotePictures } from './session.js';
import { tokenView } from './token.js';
import { forgetUser, userView } from './user.js';
import { usersView } from './users.js';

const VIEWS = { users: usersView, user: userView, token: tokenView,
                unknown: unknownView };

const main = document.getElementById('main');
const pictures = document.getElementById('pictures');

let route;
let visit = new AbortController();

async function show() {
  const previous = route;

  visit.abort();
  visit = new AbortController();
  route = parseAddress(location.hash);

  const { signal } = visit;

  if (route.view !== 'user' || route.id !== previous?.id) {
    forgetUser();
    main.replaceChildren();
    document.title = 'User';
    scrollTo(0, 0);
  }
  markCurrent();
  if (previous) main.focus({ preventScroll: true });

  const shown = VIEWS[route.view](main, route, signal);

  if (route.view !== 'user') {
    document.title = main.querySelector('h1').textContent;
  }

  const wanted = await shown;

  if (previous && !signal.aborted) {
    focus(wanted ?? main.querySelector('h1, h2') ?? main);
  }
}

function unknownView() {
  main.append(h('h1', 'Not found'), h('p', 'Nothing has this address. ',
    h('a', { href: usersAddress() }, 'Show all users')));
}

function markCurrent() {
  for (const link of document.querySelectorAll('header a')) {
    link.setAttribute('aria-current',
      parseAddress(link.hash).view === route.view ? 'page' : 'false');
  }
}

function markPictures() {
  pictures.setAttribute('aria-pressed', !!remotePictures.get());
}

pictures.addEventListener('click', () => {
  if (remotePictures.get()) remotePictures.forget();
  else remotePictures.set('on');
  markPictures();
  route = null;
  show();
});

document.getElementById('skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});

addEventListener('hashchange', show);
addEventListener('beforeunload', (event) => {
  if (isDirty()) event.preventDefault();
});

if (!location.hash) history.replaceState(null, '', usersAddress());
markPictures();
show();
