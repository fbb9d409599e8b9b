/*
 * The list of users: a page of it, or of those whose e-mail has a text in it.
 */

import { PER_PAGE, listUsers } from './api.js';
import { foreign, h, muted, tag, time } from './dom.js';
import { picture } from './picture.js';
import { userAddress, usersAddress } from './router.js';
import { providerLabel } from './schema.js';
import { load } from './states.js';

export function usersView(main, route, signal) {
  const box = h('div', { tabindex: '-1' });

  main.append(h('div', { class: 'list-head' }, h('h1', null, 'Users'),
                searchForm(route)), box);

  return load(box, 'Loading users', signal, () => listUsers(route, signal),
    (list) => box.append(...list.users.length
      ? [table(list.users), pages(route, list)] : [nobody(route)]));
}

function searchForm({ q }) {
  const input = h('input', { id: 'search', type: 'search', value: q,
                             spellcheck: 'false', autocapitalize: 'off',
                             autocomplete: 'off' });

  return h('form', { role: 'search', onsubmit: (event) => {
    event.preventDefault();
    location.hash = usersAddress({ q: input.value.trim() });
  } },
  h('label', { for: 'search' }, 'E-mail'), input,
  h('button', null, 'Search'));
}

function table(users) {
  return h('table', { class: 'users' },
    h('caption', { class: 'unseen' }, 'Users'),
    h('thead', null, h('tr', null,
      ['User', 'E-mail', 'Providers', 'Last login (UTC)'].map((title) =>
        h('th', { scope: 'col' }, title)))),
    h('tbody', null, users.map(row)));
}

/* On a narrow screen the first cell says it all. */

function row(user) {
  const narrow = (...parts) => h('div', { class: 'narrow muted' }, parts);

  return h('tr', null,
    h('th', { scope: 'row' }, h('div', { class: 'who' }, picture(user),
      h('div', null, name(user), ' ',
        user.textOf('blocked') === 'true' && tag('blocked', 'bad'),
        narrow(email(user)), narrow(providers(user), lastLogin(user))))),
    [email, providers, lastLogin].map((cell) => h('td', null, cell(user))));
}

function email(user) {
  return foreign(user.textOf('email') || user.textOf('phone_number'));
}

function providers(user) {
  return user.providers.map((one) => [tag(foreign(providerLabel(one))), ' ']);
}

function lastLogin(user) {
  const login = user.textOf('last_login');

  return login ? time(login) : muted('never');
}

function name(user) {
  const title = foreign(user.title);

  return user.id ? h('a', { href: userAddress(user.id), class: 'to-user' }, title)
    : title;
}

/*
 * Where the backend has no count, total is one more than was seen as long as
 * there is more: a lower bound.
 */

function pages({ page, q }, { users, start, total }) {
  const end = start + users.length;
  const more = total > end || !(total >= 0) && users.length === PER_PAGE;
  const count = more && !(total > end + 1) ? 'more' : total || end;

  const link = (to, label, there) => there
    ? h('a', { href: usersAddress({ page: to, q }) }, label) : muted(label);

  return h('nav', { 'aria-label': 'Pages', class: 'pages' },
    link(page - 1, '← Previous', page > 1),
    h('span', null, `${start + 1}–${end} of ${count}`),
    link(page + 1, 'Next →', more));
}

function nobody({ page, q }) {
  return h('p', { class: 'state' },
    q ? ['No user has “', foreign(q), '” in the e-mail'] : 'There are no users',
    page > 1 && ` on page ${page}`, '. ',
    (q || page > 1) && h('a', { href: usersAddress() }, 'Show all users'));
}
