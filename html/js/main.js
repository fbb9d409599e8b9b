/*
 * Shows the view of the address, whenever that changes.
 */

import { announce, focus, h } from './dom.js';
import { anyDirty } from './draft.js';
import { parseAddress, userAddress, usersAddress } from './router.js';
import { remotePictures } from './session.js';
import { tokenView } from './token.js';
import { forgetUser, userView } from './user.js';
import { usersView } from './users.js';

const VIEWS = {
  users: { title: 'Users', show: usersView },
  user: { title: 'User', show: userView },
  token: { title: 'API token', show: tokenView },
  unknown: { title: 'Not found', show: unknownView },
};

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
  const view = VIEWS[route.view];

  if (route.view !== 'user' || route.id !== previous?.id) {
    forgetUser();
    main.replaceChildren();
    document.title = view.title;
    scrollTo(0, 0);
  }
  markCurrent();
  if (previous) main.focus({ preventScroll: true });

  const wanted = await view.show(main, route, signal);

  if (previous && !signal.aborted) {
    focus(cameFrom(previous) ?? wanted ?? main.querySelector('h1, h2') ?? main);
  }
}

/* Back in the list, one goes on at the user that one had opened. */

function cameFrom({ view, id }) {
  return view === 'user' && [...main.querySelectorAll('.to-user')].find((link) =>
    link.getAttribute('href') === userAddress(id)) || undefined;
}

function unknownView() {
  main.append(h('h1', null, 'Not found'), h('p', null,
    'Nothing has this address. ',
    h('a', { href: usersAddress() }, 'Show all users')));
}

function markCurrent() {
  for (const link of document.querySelectorAll('header a')) {
    link.setAttribute('aria-current',
      parseAddress(link.hash).view === route.view ? 'page' : 'false');
  }
}

function markPictures() {
  pictures.setAttribute('aria-pressed', remotePictures.get());
}

pictures.addEventListener('click', () => {
  remotePictures.set(!remotePictures.get());
  markPictures();
  show();
  announce(`Pictures of other sites are ${remotePictures.get() ? '' : 'not '}`
    + 'loaded.');
});

document.getElementById('skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});

addEventListener('hashchange', show);
addEventListener('beforeunload', (event) => {
  if (anyDirty()) event.preventDefault();
});

if (!location.hash) history.replaceState(null, '', usersAddress());
markPictures();
show();
