// One line of the table of associations.

import { sparkline } from './charts.mjs';
import { element, setAttribute, setChildren, setText, Keyed } from './dom.mjs';
import * as format from './format.mjs';
import { makeChip, showChip } from './path-chip.mjs';
import { pathKey } from './samples.mjs';

/** @typedef {import('./view.mjs').Row} Row */
/** @typedef {import('./samples.mjs').Samples} Samples */

const SPARK_SECONDS = 120;

export class AssociationRow {
  /** @param {string} id @param {(id: string) => void} onToggle */
  constructor(id, onToggle) {
    this.id = id;
    this.state = element('span', { class: 'badge' });
    this.name = element('span', { class: 'name' });
    this.button = element('button', {
      type: 'button', class: 'open', 'aria-expanded': 'false', 'data-association': id,
    }, this.name);
    this.endpoint = element('span', { class: 'below' });
    this.paths = element('ul', { class: 'chips', 'aria-label': 'paths' });
    this.srtt = element('span', { class: 'number' });
    this.traffic = element('span', { class: 'number' });
    this.unacknowledged = element('td', { class: 'number' });
    this.up = element('td', { class: 'number' });
    this.sparkPlaces = [1, 2].map(() => element('span', { class: 'spark', 'aria-hidden': 'true' }));
    this.sparks = this.sparkPlaces.map((place) => sparkline(place));
    this.line = element('tr', { class: 'association' },
      element('td', {}, this.state),
      element('th', { scope: 'row' }, this.button, this.endpoint),
      element('td', {}, this.paths),
      element('td', { class: 'measured' }, this.srtt, this.sparkPlaces[0]),
      element('td', { class: 'measured' }, this.traffic, this.sparkPlaces[1]),
      this.unacknowledged, this.up);
    this.chips = new Keyed(makeChip);
    this.line.addEventListener('click', (event) => {
      // A selection of text is no click.
      if (getSelection()?.isCollapsed !== false || event.target === this.button) onToggle(id);
    });
  }

  /** @param {Row} row @param {Samples} samples @param {number} now @param {boolean} open */
  show({ association, trouble, primary, throughput }, samples, now, open) {
    setText(this.state, trouble.text);
    setAttribute(this.line, 'data-level', String(trouble.level));
    setText(this.name, association.peer);
    setAttribute(this.button, 'aria-expanded', String(open));
    setText(this.endpoint, association.endpoint);
    setText(this.srtt, format.milliseconds(primary?.srtt));
    setText(this.traffic, format.bytesPerSecond(throughput));
    setText(this.unacknowledged, format.count(association.unackdata));
    setText(this.up, association.established === undefined ? format.UNKNOWN :
      format.duration(now - association.established));
    const { paths } = association;
    const chips = paths.map((path) => this.chips.get(path.address));
    this.chips.keepOnly(new Set(paths.map((path) => path.address)));
    setChildren(this.paths, chips);
    chips.forEach((chip, index) => showChip(chip, paths[index]));
    const { history } = samples;
    const path = primary && pathKey(association.id, primary.address);
    this.sparks[0].show(history.table(path ? [{ key: path, column: 0 }] : [], SPARK_SECONDS));
    this.sparks[1].show(history.table([{ key: association.id, column: 2 }], SPARK_SECONDS));
  }

  destroy() {
    for (const spark of this.sparks) spark.destroy();
  }
}
