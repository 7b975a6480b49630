// A path in a few signs: its address, whether it is the primary one, and its state in a
// word unless it is active. Colour only says it again.

import { element, setAttribute, setText } from './dom.mjs';
import { milliseconds } from './format.mjs';
import { isFailed, words } from './trouble.mjs';

/** @typedef {import('./status.d.ts').Path} Path */

export function makeChip() {
  return element('li', { class: 'chip' }, element('span', { class: 'mark' }),
    element('span', { class: 'address' }), element('span', { class: 'state' }));
}

/** @param {Element} chip @param {Path} path */
export function showChip(chip, path) {
  const [mark, address, state] = chip.children;
  setText(mark, path.primary ? 'primary' : '');
  setText(address, path.address);
  setText(state, words(path.stateName));
  setAttribute(chip, 'data-level', isFailed(path) ? '3' : path.stateName === 'active' ? '0' : '1');
  setAttribute(chip, 'data-state', path.stateName);
  setAttribute(chip, 'title', `${words(path.stateName)}, SRTT ${milliseconds(path.srtt)}`);
}
