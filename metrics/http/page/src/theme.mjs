// Light, dark, or as the system has it.

const KEY = 'lksctp-theme';
const THEMES = ['auto', 'light', 'dark'];

/** @type {Map<string, string>} */
const colours = new Map();
const system = matchMedia('(prefers-color-scheme: dark)');

/** A colour of the style sheet as a canvas takes it. @param {string} name */
export function colour(name) {
  let found = colours.get(name);
  if (found === undefined) {
    const probe = document.createElement('i');
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    found = getComputedStyle(probe).color;
    probe.remove();
    colours.set(name, found);
  }
  return found;
}

/** Where storing is forbidden the choice lasts as long as the page. */
function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** @param {string} theme */
function store(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The theme holds anyway.
  }
}

/** @param {HTMLButtonElement} button @param {() => void} onChange colours are others now */
export function startTheme(button, onChange) {
  /** @param {string} theme */
  const show = (theme) => {
    document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
    colours.clear();
    onChange();
  };
  button.addEventListener('click', () => {
    const theme = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? 'auto') + 1) %
      THEMES.length];
    store(theme);
    show(theme);
  });
  system.addEventListener('change', () => {
    colours.clear();
    onChange();
  });
  const before = stored();
  show(before !== null && THEMES.includes(before) ? before : 'auto');
}
