/*
 * Nodes become text, and text is changed without harm to the rest of it.  A
 * number is always the digits of the source.
 */

/* Written as escapes where text is edited: nobody would see them. */

const UNSEEN = /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

export function quote(value) {
  return JSON.stringify(value).replace(UNSEEN, (char) =>
    '\\u' + char.charCodeAt(0).toString(16).padStart(4, '0'));
}

/*
 * Calls emit(kind, text) for each piece of the indented value; kind is name,
 * string, mark or that of another value.  Strings are the source's own text.
 */

export function print(source, node, emit, level = 0) {
  const each = (parts, [open, close], one) => {
    const line = '\n' + '  '.repeat(level);

    emit('mark', open);
    parts.forEach((part, i) => {
      emit('mark', `${i ? ',' : ''}${line}  `);
      one(part);
    });
    emit('mark', (parts.length ? line : '') + close);
  };

  if (node.kind === 'object') {
    each(node.members, '{}', ({ start, nameEnd, value }) => {
      emit('name', source.slice(start, nameEnd));
      emit('mark', ': ');
      print(source, value, emit, level + 1);
    });
  } else if (node.kind === 'array') {
    each(node.items, '[]', (item) => print(source, item, emit, level + 1));
  } else {
    emit(node.kind, source.slice(node.start, node.end));
  }
}

/* The same as a text to edit: escapes only where they are needed. */

export function editable(source, node, level) {
  let text = '';

  print(source, node, (kind, piece) => {
    text += /name|string/.test(kind) ? quote(JSON.parse(piece)) : piece;
  }, level);
  return text;
}

/*
 * Two values are the same if these are: white space and the way in which a
 * string is escaped do not count, each digit of a number does.
 */

export function canonical(source, node) {
  let text = '';

  print(source, node, (kind, piece) => {
    text += kind === 'mark' ? piece.trim()
      : /name|string/.test(kind) ? JSON.stringify(JSON.parse(piece)) : piece;
  });
  return text;
}

/* Returns the new text and where the value stands in it. */

export function setMember(text, root, name, value) {
  const { members } = root;
  const old = members.find((one) => one.name === name)?.value;
  const last = members.at(-1);

  return old ? splice(text, old, '', value)
    : last ? splice(text, { start: last.value.end, end: last.value.end },
                    `,\n  ${quote(name)}: `, value)
    : splice(text, root, `{\n  ${quote(name)}: `, value, '\n}');
}

function splice(text, { start, end }, before, value, after = '') {
  const at = start + before.length;

  return { text: text.slice(0, start) + before + value + after
             + text.slice(end),
           start: at, end: at + value.length };
}

/* Goes with the comma before it, the first one with the comma after it. */

export function removeMember(text, { members }, name) {
  const i = members.findIndex((one) => one.name === name);

  if (i < 0) return text;
  return text.slice(0, i ? members[i - 1].value.end : members[0].start)
    + text.slice(!i && members[1] ? members[1].start : members[i].value.end);
}
