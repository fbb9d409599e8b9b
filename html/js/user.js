/*
 * One user, read once: who it is, and the four parts, each at an address of
 * its own.
 */

import { PARTS, userAddress } from './address.js';
import { readUser } from './api.js';
import { foreign, h, tag } from './dom.js';
import { isDirty } from './draft.js';
import { CONTAINERS } from './fields.js';
import { identityPart } from './identity.js';
import { editable } from './json-writer.js';
import { metadataPart } from './metadata.js';
import { members } from './model.js';
import { picture } from './picture.js';
import { providerPart } from './provider.js';
import { rawPart } from './raw.js';
import { load } from './states.js';
import { longText } from './value.js';

const TITLES = { identity: 'Identity', metadata: 'Metadata',
                 provider: 'Provider attributes', raw: 'Raw JSON' };

/* {id, user, part, head, nav, metadata}: what stays while one moves on */

let current;

/* The next view of a user reads it anew. */

export function forgetUser() {
  current = undefined;
}

/* Returns what is to be focused. */

export async function userView(main, route, signal) {
  const known = current?.id === route.id;
  const head = h('div.user-head');
  const nav = h('nav.tabs', { 'aria-label': 'Parts of this user' });

  if (known) {
    show(main, route.part);
  } else {
    await load(main, 'Loading the user', signal,
      () => readUser(route.id, signal), (user) => {
        current = { id: route.id, user, head, nav };
        show(main, route.part);
      });
  }
  return main.querySelector('[data-focus]')
    ?? main.querySelector(known ? 'h2' : 'h1');
}

function show(main, part) {
  current.part = part;
  showUser();
  main.replaceChildren(current.head, current.nav,
    h('section', { 'aria-labelledby': 'part' },
      h('h2', { id: 'part', class: 'unseen' }, TITLES[part]), nodesOf(part)));
}

function showUser() {
  const { user, head, part } = current;

  head.replaceChildren(...header(user));
  showTabs();
  document.title = `${user.title.slice(0, 80)} – ${TITLES[part]}`;
}

function showTabs() {
  current.nav.replaceChildren(...tabs(current));
}

function nodesOf(part) {
  const { user, id } = current;

  return {
    identity: () => identityPart(user),
    metadata: () => metadata().nodes,
    provider: () => providerPart(user, (name, node) => {
      metadata().override(name, editable(user.text, node, 1));
      location.hash = userAddress(id, 'metadata');
    }),
    raw: () => rawPart(user),
  }[part]();
}

/* Its panels stay: they may be saving, and one can undo in them. */

function metadata() {
  const { id, user } = current;
  const ifCurrent = (then) => current?.id === id && then();

  current.metadata ??= metadataPart(user, () => ifCurrent(showTabs),
    (stored) => ifCurrent(() => {
      current.user = stored;
      showUser();
    }));
  return current.metadata;
}

function header(user) {
  const email = user.textOf('email');
  const verified = user.textOf('email_verified');

  return [picture(user), h('div',
    h('h1', foreign(user.title)),
    h('p', email && [foreign(email), ' ',
      verified === 'true' ? tag('verified', 'good') : tag('not verified'), ' '],
    user.textOf('blocked') === 'true' && tag('blocked', 'bad')),
    h('p', h('code.muted', longText(user.id))))];
}

function tabs({ user, id, part }) {
  const notes = {
    identity: 'the system’s, read-only', metadata: metadataNote(user),
    provider: providerNote(user), raw: 'the user as served',
  };

  return PARTS.map((name) => h('a', {
    href: userAddress(id, name), class: name,
    'aria-current': name === part && 'page',
  }, h('b', TITLES[name]), ' ', h('span', notes[name])));
}

function metadataNote(user) {
  const [own, app] = CONTAINERS.map((name) => members(user.get(name)).length);

  return [`${own} user, ${app} app, editable`,
          isDirty(user.id) && h('em', ' not saved')];
}

function providerNote(user) {
  const groups = user.providerGroups;
  const count = groups.flatMap((group) => group.members).length;
  const from = groups.map(({ provider }) => provider).join(', ');

  return count ? [`${count} from `, foreign(from), ', read-only'] : 'none';
}
