// The list of events, newest first, with its filters and its pause.

import { byId, element, setChildren, setText } from './dom.mjs';
import { EventLog } from './event-log.mjs';
import { exactClock, plural } from './format.mjs';
import { words } from './trouble.mjs';

/** @typedef {import('./event-log.mjs').Entry} Entry */

const SHOWN = 100;

export class Events {
  constructor() {
    this.log = new EventLog();
    /** Lines are made once. @type {WeakMap<Entry, HTMLElement>} */
    this.lines = new WeakMap();
    this.list = byId('events');
    this.kind = byId('event-kind', HTMLSelectElement);
    this.peer = byId('event-peer', HTMLInputElement);
    this.text = byId('event-text', HTMLInputElement);
    this.pause = byId('event-pause', HTMLButtonElement);
    this.paused = false;
    this.waiting = 0;
    this.drawing = 0;
    for (const control of [this.kind, this.peer, this.text]) {
      control.addEventListener('input', () => this.draw());
    }
    this.pause.addEventListener('click', () => {
      this.paused = !this.paused;
      this.waiting = 0;
      this.pause.setAttribute('aria-pressed', String(this.paused));
      this.draw();
    });
  }

  /** @param {import('./sse.mjs').ServerSentEvent} event */
  add(event) {
    if (!this.log.kinds.has(event.event)) this.addKind(event.event);
    this.log.add(event);
    if (this.paused) this.waiting += 1;
    // Many events come in one reading, and are drawn once.
    if (this.drawing === 0) this.drawing = requestAnimationFrame(() => this.drawNew());
  }

  drawNew() {
    this.drawing = 0;
    if (this.paused) this.showWaiting();
    else this.draw();
  }

  /** @param {string} kind */
  addKind(kind) {
    const option = element('option', { value: kind }, words(kind));
    const after = [...this.kind.options].slice(2).find((one) => one.value > kind);
    this.kind.insertBefore(option, after ?? null);
  }

  showWaiting() {
    setText(this.pause, this.paused ? `Go on (${plural(this.waiting, 'event')} waiting)` : 'Pause');
  }

  draw() {
    const filter = { kind: this.kind.value, peer: this.peer.value, text: this.text.value };
    const entries = this.log.latest(filter, SHOWN);
    setChildren(this.list, entries.map((entry) => this.lineOf(entry)));
    byId('no-events').hidden = entries.length > 0;
    this.showWaiting();
  }

  /** @param {Entry} entry */
  lineOf(entry) {
    let line = this.lines.get(entry);
    if (!line) {
      const { event, kind } = entry;
      line = element('li', { 'data-kind': kind },
        element('span', { class: 'when' }, event.time === undefined ? '' : exactClock(event.time)),
        element('span', { class: 'seq' }, `#${entry.seq}`),
        element('span', { class: 'who' }, this.log.peerOf(entry)),
        element('span', { class: 'kind' }, words(kind)),
        element('span', { class: 'what' }, entry.text));
      this.lines.set(entry, line);
    }
    return line;
  }
}
