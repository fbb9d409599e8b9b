/*
 * A user's picture, or the initials.  Another site that is asked for a picture
 * learns who looks at whom, and users may put any address into their metadata:
 * so that is done only where it is wanted.
 */

import { h } from './dom.js';
import { remotePictures } from './session.js';

export function picture(user) {
  const url = pictureUrl(user.effective('picture').value);
  const box = h('span.picture', { 'aria-hidden': 'true' },
    initials(user.title));

  if (url && (url.origin === location.origin || remotePictures.get())) {
    const image = h('img', { referrerpolicy: 'no-referrer', alt: '',
                             src: url.href,
                             onload: () => box.replaceChildren(image) });
  }
  return box;
}

/* Whole addresses: a path alone was meant for another server. */

function pictureUrl(text) {
  try {
    const url = new URL(text);

    return (url.protocol === 'https:' || url.origin === location.origin) && url;
  } catch {
    return null;
  }
}

function initials(title) {
  const words = title.replace(/@.*/s, '').match(/[\p{L}\p{M}\d]+/gu) ?? ['?'];

  return [...new Set([words[0], words.at(-1)])].map((word) => [...word][0])
    .join('').toUpperCase();
}
