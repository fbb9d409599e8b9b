/* What comes from a profile becomes a text node here, never markup. */

/* Nobody sees these, and some of them turn a text around. */

const HIDDEN =
  /([\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff])/;

/* h('p.note', {id: 'x'}, 'text', node, [more]): falsy children are nothing */

export function h(selector, ...children) {
  const [name, ...classes] = selector.split('.');
  const element = document.createElement(name);
  const attributes = children[0]?.constructor === Object && children.shift();

  if (classes.length) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith('on')) {
      element.addEventListener(key.slice(2), value);
    } else if (value || value === '') {
      element.setAttribute(key, value);
    }
  }
  element.append(...children.flat(9).filter(Boolean));
  return element;
}

export function button(label, onclick, attributes) {
  return h('button', { type: 'button', onclick, ...attributes }, label);
}

export function tag(text, kind = '') {
  return h(`span.tag${kind && `.${kind}`}`, text);
}

export function muted(...children) {
  return h('span.muted', children);
}

/* A text of a profile: a direction of its own, nothing hidden in it. */

export function foreign(text, element = 'bdi') {
  return h(element, { dir: 'auto' },
    text.split(HIDDEN).map((part, i) => i % 2 === 0 ? part
      : h('span.code-point', 'U+' + part.charCodeAt(0)
          .toString(16).toUpperCase().padStart(4, '0'))));
}

/* A time, to the minute in UTC. */

export function time(text) {
  const [, day, clock] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*Z$/.exec(text)
    ?? [];

  return day ? h('time', { datetime: text, title: text }, `${day} ${clock}`)
    : foreign(text);
}

/* Says it to who does not see it. */

export function announce(text) {
  document.getElementById('live').replaceChildren(h('p', text));
}

export function focus(element) {
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus();
}
