/* What the page takes for identity is what the shipped schema says. */

import { readFileSync } from 'node:fs';

import { IDENTITY, NORMALIZED, OWN_PROVIDERS }
  from '../../../html/js/fields.js';
import { is } from '../../lib/tap.mjs';

const CONF = new URL('../../../conf/profile/auth0.conf', import.meta.url);

export default function test() {
  const conf = readFileSync(CONF, 'utf8').replace(/#.*/g, '');
  const words = (statement) => [...conf.matchAll(statement)]
    .flatMap(([, names]) => names.trim().split(/\s+/));

  is([...IDENTITY].sort(), [
    'user_id', 'identities', ...words(/^\s*identity\s([^;]+);/gm),
    ...words(/^\s*rename\s+\S+\s([^;]+);/gm),
  ].sort(), 'fields: the identity fields of auth0.conf');

  const [, names, providers]
    = /writable\s+(name\s[^;=]*)for=(\S+)\s+via=metadata;/.exec(conf);

  is([...NORMALIZED].sort(), names.trim().split(/\s+/).sort(),
     'fields: what the provider sends unless the connection is our own');
  is([...OWN_PROVIDERS].sort(), providers.trim().split(',').sort(),
     'fields: the connections of our own');
}
