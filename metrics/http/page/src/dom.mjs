// Elements, made and changed with as little work as possible: the page is drawn each
// second. Text from the server only ever becomes text, never markup.

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * The element of the page with that id.
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {string} id
 * @param {new () => Kind} [kind]
 * @returns {Kind}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!found || (kind && !(found instanceof kind))) throw new Error(`the page has no ${id}`);
  return /** @type {Kind} */ (found);
}

/** @param {Element} target @param {string} text */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** @param {Element} target @param {string} name @param {string} value */
export function setAttribute(target, name, value) {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

/**
 * Makes `wanted` the children of `parent`, in that order. What stays in place is not
 * touched, and the focus stays where it is although its element moves.
 * @param {Element} parent @param {readonly Element[]} wanted
 */
export function setChildren(parent, wanted) {
  const focused = document.activeElement;
  const keep = new Set(wanted);
  for (const child of [...parent.children]) {
    if (!keep.has(child)) child.remove();
  }
  wanted.forEach((child, index) => {
    const there = parent.children[index];
    if (there !== child) parent.insertBefore(child, there ?? null);
  });
  if (focused instanceof HTMLElement && focused !== document.activeElement &&
    parent.contains(focused)) {
    focused.focus({ preventScroll: true });
  }
}

/**
 * One thing for each key, kept from one drawing to the next and dropped with its key.
 * @template Kind
 */
export class Keyed {
  /** @param {(key: string) => Kind} make @param {(gone: Kind) => void} [drop] */
  constructor(make, drop = () => {}) {
    this.make = make;
    this.drop = drop;
    /** @type {Map<string, Kind>} */
    this.kept = new Map();
  }

  /** @param {string} key */
  get(key) {
    let found = this.kept.get(key);
    if (found === undefined) {
      found = this.make(key);
      this.kept.set(key, found);
    }
    return found;
  }

  /** @param {ReadonlySet<string>} keys */
  keepOnly(keys) {
    for (const [key, one] of this.kept) {
      if (keys.has(key)) continue;
      this.kept.delete(key);
      this.drop(one);
    }
  }
}
