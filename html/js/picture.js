/*
 * A user's picture, or the initials.  A site that is asked learns who looks at
 * whom, and users may write any address: so that is done only where it is
 * wanted, and never of our own host, where an address may be a call.
 */

import { h } from './dom.js';
import { remotePictures } from './session.js';

export function picture(user) {
  const url = pictureUrl(user.effective('picture').value);
  const box = h('span.picture', { 'aria-hidden': 'true' },
    initials(user.title));

  if (url && remotePictures.get()) {
    const image = h('img', { referrerpolicy: 'no-referrer', alt: '',
                             src: url.href,
                             onload: () => box.replaceChildren(image) });
  }
  return box;
}

/* A path alone was meant for another server. */

function pictureUrl(text) {
  try {
    const url = new URL(text);

    return url.protocol === 'https:' && host(url) !== host(location) && url;
  } catch {
    return null;
  }
}

/* "host." is "host" to resolvers. */

function host({ hostname }) {
  return hostname.replace(/\.$/, '');
}

function initials(title) {
  const words = title.replace(/@.*/s, '').match(/[\p{L}\p{M}\d]+/gu) ?? ['?'];

  return [...new Set([words[0], words.at(-1)])].map((word) => [...word][0])
    .join('').toUpperCase();
}
