// The table of associations: searched, ordered, a page of rows at a time, any of them
// open.

import { AssociationDetail } from './association-detail.mjs';
import { AssociationRow } from './association-row.mjs';
import { byId, setChildren, setText, Keyed } from './dom.mjs';
import { plural } from './format.mjs';
import { found, rowsOf, sorted } from './view.mjs';

/** @typedef {import('./status.d.ts').Status} Status */
/** @typedef {import('./samples.mjs').Samples} Samples */

const ROWS_PER_PAGE = 25;
const BOTH_WAYS = 2;

export class Associations {
  /** @param {Samples} samples */
  constructor(samples) {
    this.samples = samples;
    /** @type {Status | undefined} */
    this.status = undefined;
    this.page = 0;
    this.body = byId('associations');
    const columns = this.body.parentElement?.querySelectorAll('thead th').length ?? 1;
    this.rows = new Keyed((id) => new AssociationRow(id, () => this.toggle(id)),
      (row) => row.destroy());
    this.details = new Keyed(() => new AssociationDetail(columns), (detail) => detail.destroy());
    /** @type {Set<string>} */
    this.open = new Set();
    this.search = byId('search', HTMLInputElement);
    this.order = byId('order', HTMLSelectElement);
    this.onlyTrouble = byId('only-trouble', HTMLInputElement);
    this.before = byId('page-before', HTMLButtonElement);
    this.after = byId('page-after', HTMLButtonElement);
    for (const control of [this.search, this.order, this.onlyTrouble]) {
      control.addEventListener('input', () => this.turnTo(0));
    }
    this.before.addEventListener('click', () => this.turnTo(this.page - 1));
    this.after.addEventListener('click', () => this.turnTo(this.page + 1));
    this.body.addEventListener('keydown', (event) => this.onKey(event));
  }

  /** @param {Samples} samples of another process */
  restart(samples) {
    this.samples = samples;
    this.open.clear();
  }

  /** @param {number} page */
  turnTo(page) {
    this.page = page;
    this.draw();
  }

  /** @param {string} id */
  toggle(id) {
    if (!this.open.delete(id)) this.open.add(id);
    this.draw();
  }

  /** From row to row. @param {KeyboardEvent} event */
  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined || !(event.target instanceof HTMLButtonElement)) return;
    /** @type {HTMLButtonElement[]} */
    const buttons = [...this.body.querySelectorAll('button')];
    buttons[buttons.indexOf(event.target) + step]?.focus();
    event.preventDefault();
  }

  /** @param {Status} status */
  show(status) {
    this.status = status;
    const living = new Set(status.associations.map((one) => one.id));
    for (const id of this.open) if (!living.has(id)) this.open.delete(id);
    this.draw();
  }

  draw() {
    const { status, samples } = this;
    if (!status) return;
    const all = rowsOf(status.associations, (id) => samples.history.latest(id, BOTH_WAYS));
    const wanted = found(this.onlyTrouble.checked ? all.filter((row) => row.trouble.level > 0) : all,
      this.search.value);
    const rows = sorted(wanted, this.order.value);
    const pages = Math.max(1, Math.ceil(rows.length / ROWS_PER_PAGE));
    this.page = Math.min(Math.max(this.page, 0), pages - 1);
    const shown = rows.slice(this.page * ROWS_PER_PAGE, (this.page + 1) * ROWS_PER_PAGE);
    this.drawRows(shown, status.now);
    this.before.disabled = this.page === 0;
    this.after.disabled = this.page === pages - 1;
    setText(byId('page-number'), `Page ${this.page + 1} of ${pages}`);
    setText(byId('found'), foundInWords(rows.length, status));
    byId('no-associations').hidden = rows.length > 0;
  }

  /** @param {import('./view.mjs').Row[]} shown @param {number} now */
  drawRows(shown, now) {
    const ids = shown.map((row) => row.association.id);
    this.rows.keepOnly(new Set(ids));
    this.details.keepOnly(new Set(ids.filter((id) => this.open.has(id))));
    // In place before they are drawn: a chart takes its size from where it is.
    setChildren(this.body, ids.flatMap((id) => this.open.has(id) ?
      [this.rows.get(id).line, this.details.get(id).line] : [this.rows.get(id).line]));
    for (const row of shown) {
      const { id } = row.association;
      this.rows.get(id).show(row, this.samples, now, this.open.has(id));
      if (this.open.has(id)) this.details.get(id).show(row.association, this.samples);
    }
  }
}

/** @param {number} amount @param {Status} status */
function foundInWords(amount, { associations, omitted }) {
  const of = amount === associations.length ? plural(amount, 'association') :
    `${amount} of ${plural(associations.length, 'association')}`;
  return omitted.associations > 0 ? `${of}; ${omitted.associations} more are not sent here` : of;
}
