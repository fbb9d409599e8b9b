/* A page of the users, or of those whom a search finds. */

import { userAddress, usersAddress } from './address.js';
import { PER_PAGE, listUsers } from './api.js';
import { foreign, h, muted, tag, time } from './dom.js';
import { picture } from './picture.js';
import { load } from './states.js';

export function usersView(main, route, signal) {
  const box = h('div', { tabindex: '-1' });

  main.append(h('div.row', h('h1', 'Users'), searchForm(route)), box);

  return load(box, 'Loading users', signal, () => listUsers(route, signal),
    (list) => box.append(...list.users.length
      ? [table(list.users), pages(route, list)] : [nobody(route)]));
}

function searchForm({ q }) {
  const input = h('input', { id: 'search', type: 'search', value: q,
                             autocomplete: 'off' });

  return h('form', { role: 'search', onsubmit: (event) => {
    event.preventDefault();
    location.hash = usersAddress({ q: input.value.trim() });
  } },
  h('label', { for: 'search' }, 'E-mail or query'), input,
  h('button', 'Search'));
}

function table(users) {
  return h('table.users', h('caption.unseen', 'Users'), h('thead', h('tr',
    ['User', 'E-mail', 'Providers', 'Last login (UTC)'].map((title) =>
      h('th', { scope: 'col' }, title)))), h('tbody', users.map(row)));
}

function row(user) {
  const login = user.textOf('last_login');

  return h('tr',
    h('th', { scope: 'row' }, picture(user), name(user), ' ',
      user.textOf('blocked') === 'true' && tag('blocked', 'bad')),
    h('td', foreign(user.textOf('email') || user.textOf('phone_number'))),
    h('td', user.providers.map((one) => [tag(foreign(one)), ' '])),
    h('td', login ? time(login) : muted('never')));
}

function name(user) {
  const title = foreign(user.title);

  return user.id ? h('a', { href: userAddress(user.id) }, title) : title;
}

/* Where nobody counts, total is one more than was seen if there is more. */

function pages({ page, q }, { users, total, lack }) {
  const start = (page - 1) * PER_PAGE;
  const end = start + users.length;
  const more = total > end || !(total >= 0) && users.length === PER_PAGE;
  const count = more && !(total > end + 1) ? 'more'
    : `${lack ? 'at least ' : ''}${total || end}${q ? ' found' : ''}`;

  const link = (to, label, there) => there
    ? h('a', { href: usersAddress({ page: to, q }) }, label) : muted(label);

  return h('nav', { 'aria-label': 'Pages' },
    link(page - 1, '← Previous', page > 1),
    h('span', `${start + 1}–${end} of ${count}`),
    link(page + 1, 'Next →', more));
}

function nobody({ page, q }) {
  return h('p',
    q ? ['Nobody is found by “', foreign(q), '”'] : 'There are no users',
    page > 1 && ` on page ${page}`, '. ',
    (q || page > 1) && h('a', { href: usersAddress() }, 'Show all users'));
}
