/*
 * One user: who it is, and the four parts, each at an address of its own.
 * The user is read once and kept while one moves between the parts.
 */

import { readUser } from './api.js';
import { button, focus, foreign, h, tag } from './dom.js';
import { draftOf } from './draft.js';
import { identityPart } from './identity.js';
import { metadataPart, startOverride } from './metadata.js';
import { members } from './model.js';
import { picture } from './picture.js';
import { providerPart } from './provider.js';
import { rawPart } from './raw.js';
import { PARTS, userAddress } from './router.js';
import { CONTAINERS, providerLabel } from './schema.js';
import { load } from './states.js';
import { longText } from './value.js';

const TITLES = { identity: 'Identity', metadata: 'Metadata',
                 provider: 'Provider attributes', raw: 'Raw JSON' };

let current;

/* The next view of a user reads it anew. */

export function forgetUser() {
  current = undefined;
}

/* Returns what is to be focused. */

export async function userView(main, route, signal) {
  const isNew = current?.id !== route.id;

  if (isNew) {
    await load(main, 'Loading the user', signal,
      () => readUser(route.id, signal), (user) => {
        current = { id: route.id, user };
        show(main, route, signal);
      });
  } else {
    show(main, route, signal);
  }
  return main.querySelector('[data-focus]')
    ?? main.querySelector(isNew ? 'h1' : 'h2');
}

function show(main, route, signal) {
  const { id, part } = route;
  const top = h('div', null);
  const section = h('section', { 'aria-labelledby': 'part' },
    h('h2', { id: 'part', class: 'unseen' }, TITLES[part]));

  async function reload() {
    forgetUser();
    focus(await userView(main, route, signal) ?? main);
  }

  function showTop() {
    top.replaceChildren(header(current.user, reload),
                        tabs(current.user, id, part));
    document.title = `${current.user.title.slice(0, 80)} – ${TITLES[part]}`;
  }

  function stored(user) {
    if (current?.id === id) current.user = user;
    showTop();
  }

  function override(name, node) {
    startOverride(current.user, name, node);
    location.hash = userAddress(id, 'metadata');
  }

  const parts = {
    identity: (user) => identityPart(user),
    metadata: (user) => metadataPart(user, id, showTop, stored),
    provider: (user) => providerPart(user, override),
    raw: (user) => rawPart(user),
  };

  showTop();
  section.append(...parts[part](current.user).flat());
  main.replaceChildren(top, section);
}

function header(user, reload) {
  const verified = { true: tag('verified', 'good'), false: tag('not verified') };
  const email = user.textOf('email');

  return h('div', { class: 'user-head' }, picture(user),
    h('div', null,
      h('h1', null, longText(user.title)),
      h('p', null, email && [foreign(email), ' ',
        verified[user.textOf('email_verified')]
          ?? tag('verification not known'), ' '],
      user.textOf('blocked') === 'true' && tag('blocked', 'bad')),
      h('p', { class: 'muted' }, h('code', null, longText(user.id)))),
    button('Reload', reload));
}

function tabs(user, id, part) {
  const notes = { identity: 'the system’s, read-only',
                  metadata: metadataNote(user), provider: providerNote(user),
                  raw: 'the user as served' };

  return h('nav', { class: 'tabs', 'aria-label': 'Parts of this user' },
    PARTS.map((name) => h('a', {
      href: userAddress(id, name), class: name,
      'aria-current': name === part && 'page',
    }, h('b', null, TITLES[name]), ' ', h('span', null, notes[name]))));
}

function metadataNote(user) {
  const [own, app] = CONTAINERS.map((name) => members(user.get(name)).length);

  return [`${own} user, ${app} app, editable`, CONTAINERS.some((name) =>
    draftOf(user, name).dirty) && h('em', null, ' not saved')];
}

function providerNote(user) {
  const groups = user.providerGroups;
  const count = groups.flatMap((one) => one.members).length;
  const from = [...new Set(groups.map((one) => providerLabel(one.provider)))];

  return [count ? [`${count} from `, foreign(from.join(', '))] : 'none',
          ', read-only'];
}
