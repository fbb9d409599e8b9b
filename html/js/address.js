/* Each view has an address of its own, behind the #. */

export const PARTS = ['identity', 'metadata', 'provider', 'raw'];

export function usersAddress({ page = 1, q } = {}) {
  const query = new URLSearchParams();

  if (q) query.set('q', q);
  if (page > 1) query.set('page', page);
  return `#/users${String(query) && `?${query}`}`;
}

export function userAddress(id, part = PARTS[0]) {
  return `#/users/${encodeURIComponent(id)}`
    + (part === PARTS[0] ? '' : `/${part}`);
}

/* {view: users | user | token | unknown, ...} */

export function parseAddress(hash) {
  const [path, query] = hash.split(/\?(.*)/s);
  const [, id, part] = /^#\/users\/([^/]+)(?:\/(\w+))?$/.exec(hash) ?? [];

  if (id) return userRoute(id, part ?? PARTS[0]);
  if (path === '#/users') return usersRoute(new URLSearchParams(query));
  return { view: hash === '#/token' ? 'token' : 'unknown' };
}

function usersRoute(query) {
  const page = query.get('page');

  return { view: 'users', q: query.get('q') ?? '',
           page: /^[1-9]\d{0,6}$/.test(page) ? Number(page) : 1 };
}

function userRoute(segment, part) {
  try {
    return { view: PARTS.includes(part) ? 'user' : 'unknown', part,
             id: decodeURIComponent(segment) };
  } catch {
    return { view: 'unknown' };
  }
}
