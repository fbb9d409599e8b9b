/*
 * Only members that were changed go out.  The legacy API has no conditional
 * write, so what is stored is read just before and compared.
 */

import { readUser, updateUser } from './api.js';
import { sameValue, storedMembers } from './draft.js';

/*
 * Returns {conflicts, stored} or {changes, user}; throws a JsonError of the
 * text or an ApiError.
 */

export async function save(id, draft) {
  const { container } = draft;
  const changes = draft.changes();

  if (!changes.length) return { changes };

  const stored = storedMembers(await readUser(id), container);
  const conflicts = changes
    .map((change) => ({ ...change, now: stored.get(change.name)?.canonical }))
    .filter(({ was, is, now }) => !sameValue(now, was) && !sameValue(now, is));

  if (conflicts.length) return { conflicts, stored };

  const body = changes.map(({ source }) => source).join();

  return { changes, user: await updateUser(id, `{"${container}":{${body}}}`) };
}
