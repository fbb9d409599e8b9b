/* Nodes become text, and text is changed member by member. */

/* Written as escapes where text is edited: nobody would see them. */

const UNSEEN = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

export function quote(value) {
  return JSON.stringify(value).replace(UNSEEN, (char) =>
    '\\u' + char.charCodeAt(0).toString(16).padStart(4, '0'));
}

/* emit(kind, text) gets each piece of the source, and what indents it. */

export function print(source, node, emit, level = 0) {
  const line = '\n' + '  '.repeat(level);

  function all(parts, [open, close], one) {
    emit('mark', open);
    parts.forEach((part, i) => {
      emit('mark', `${i ? ',' : ''}${line}  `);
      one(part);
    });
    emit('mark', (parts.length ? line : '') + close);
  }

  if (node.members) {
    all(node.members, '{}', ({ start, nameEnd, value }) => {
      emit('name', source.slice(start, nameEnd));
      emit('mark', ': ');
      print(source, value, emit, level + 1);
    });
  } else if (node.items) {
    all(node.items, '[]', (item) => print(source, item, emit, level + 1));
  } else {
    emit(node.kind, source.slice(node.start, node.end));
  }
}

function printed(source, node, level, string, mark) {
  let text = '';

  print(source, node, (kind, piece) => {
    text += kind === 'mark' ? mark(piece)
      : /name|string/.test(kind) ? string(JSON.parse(piece)) : piece;
  }, level);
  return text;
}

/* A text to edit, with escapes only where they are needed. */

export function editable(source, node, level) {
  return printed(source, node, level, quote, (mark) => mark);
}

/*
 * Values are the same if these are: neither white space nor the way a string
 * is escaped counts, each digit of a number does.
 */

export function canonical(source, node) {
  return printed(source, node, 0, JSON.stringify, (mark) => mark.trim());
}

/* Returns the new text and where the value stands in it. */

export function setMember(text, root, name, value) {
  const { members } = root;
  const old = members.find((one) => one.name === name)?.value;
  const last = members.at(-1)?.value.end;
  const label = `\n  ${quote(name)}: `;

  return old ? splice(text, old, '', value)
    : last ? splice(text, { start: last, end: last }, `,${label}`, value)
    : splice(text, root, `{${label}`, value, '\n}');
}

function splice(text, { start, end }, before, value, after = '') {
  const at = start + before.length;

  return { start: at, end: at + value.length, text: text.slice(0, start)
    + before + value + after + text.slice(end) };
}

/* Goes with the comma before it, the first one with the comma after it. */

export function removeMember(text, { members }, name) {
  const i = members.findIndex((one) => one.name === name);

  if (i < 0) return text;
  return text.slice(0, i ? members[i - 1].value.end : members[0].start)
    + text.slice(!i && members[1] ? members[1].start : members[i].value.end);
}
