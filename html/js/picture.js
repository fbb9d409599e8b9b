/*
 * A user's picture, or the initials.  A picture of another site tells that
 * site who looks at whom and when, and users may put any address into their
 * own metadata: so those are loaded only where they are asked for.
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
  const words = title.replace(/@.*/s, '').match(/[\p{L}\p{M}\p{N}]+/gu) ?? ['?'];

  return [...new Set([words[0], words.at(-1)])].map((word) => [...word][0])
    .join('').toUpperCase();
}
