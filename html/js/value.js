/* A JSON value for people: nested objects and lists as what they are. */

import { button, focus, foreign, h, muted } from './dom.js';
import { editable } from './json-writer.js';

const LONG = 300;
const DEEP = 5;

export function valueView(source, node, depth = 0) {
  const { kind, value, members, items } = node;
  const inner = (one) => valueView(source, one, depth + 1);

  if (kind === 'string') return value ? longText(value) : muted('empty text');
  if (kind === 'null') return muted('null');
  if (members?.length === 0) return muted('empty object');
  if (items?.length === 0) return muted('empty list');
  if (!members && !items) return h('code', source.slice(node.start, node.end));
  if (depth === DEEP) return foreign(editable(source, node), 'pre');

  return members ? h('dl.nested', members.map((one) => [
    h('dt', memberName(one.name)), h('dd', inner(one.value)),
  ])) : h('ol.nested', items.map((item) => h('li', inner(item))));
}

export function memberName(name, element) {
  return foreign(name || '""', element);
}

/* A long text is cut until the rest is asked for. */

export function longText(text) {
  const chars = [...text];
  const box = h('span', foreign(chars.slice(0, LONG).join('')));

  if (chars.length > LONG) {
    box.append('… ', button(`Show all ${chars.length} characters`, () => {
      box.replaceChildren(foreign(text));
      focus(box);
    }, { class: 'link' }));
  }
  return box;
}
