// Events as they came, the latest of them: facts, and details, which are so many that
// they must not push facts out. Only what is looked at is parsed.

import { isDetail } from './feed.mjs';

/** @typedef {import('./status.d.ts').LoggedEvent} LoggedEvent */

const KEPT = 1000;
// Of associations that may still be spoken of.
const NAMES_KEPT = 20_000;

// In each event, and shown elsewhere.
const COMMON = new Set(['v', 'type', 'seq', 'time', 'timeNs', 'monotonic', 'monotonicNs',
  'endpointId', 'associationId', 'raw', 'notification', 'interpreted']);

export class Entry {
  /** @param {number} seq @param {string} kind @param {string} data */
  constructor(seq, kind, data) {
    this.seq = seq;
    this.kind = kind;
    this.data = data;
    /** @type {LoggedEvent | undefined} */
    this.parsed = undefined;
  }

  get event() {
    return (this.parsed ??= /** @type {LoggedEvent} */ (JSON.parse(this.data)));
  }

  /** One line: as the decoder puts it, or the members by their names. */
  get text() {
    const { event } = this;
    if (this.kind === 'gap') return `${event.lost} events have not come`;
    if (typeof event.interpreted === 'string') return event.interpreted;
    return Object.entries(event).filter(([name]) => !COMMON.has(name))
      .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(', ');
  }
}

export class EventLog {
  constructor() {
    /** @type {Entry[]} */
    this.facts = [];
    /** @type {Entry[]} */
    this.details = [];
    /** @type {Set<string>} */
    this.kinds = new Set();
    /** Names of peers by association. @type {Map<string, string>} */
    this.peers = new Map();
  }

  /** @param {import('./sse.mjs').ServerSentEvent} event */
  add({ id, event: kind, data }) {
    const entry = new Entry(Number(id) || 0, kind, data);
    this.kinds.add(kind);
    const kept = isDetail(kind) ? this.details : this.facts;
    kept.push(entry);
    if (kept.length > KEPT) kept.shift();
    // Where an association begins its peer has a name.
    if (!isDetail(kind) && typeof entry.event.peer === 'string') {
      this.name(entry.event.associationId, entry.event.peer);
    }
    return entry;
  }

  /** @param {string} association @param {string} peer */
  name(association, peer) {
    this.peers.set(association, peer);
    if (this.peers.size > NAMES_KEPT) this.peers.delete(this.peers.keys().next().value ?? '');
  }

  /** @param {Entry} entry */
  peerOf({ event }) {
    return event.peer ?? this.peers.get(event.associationId) ?? '';
  }

  /**
   * The newest events of that kind ('' for facts, '*' for all) with these words.
   * @param {{ kind: string, peer: string, text: string }} filter @param {number} most
   */
  latest(filter, most) {
    const of = filter.kind === '*' ? [...this.facts, ...this.details].sort((a, b) => a.seq - b.seq) :
      isDetail(filter.kind) ? this.details : this.facts;
    const [peer, text] = [filter.peer.toLowerCase(), filter.text.toLowerCase()];
    const found = [];
    for (let index = of.length - 1; index >= 0 && found.length < most; index -= 1) {
      const entry = of[index];
      if (filter.kind !== '' && filter.kind !== '*' && entry.kind !== filter.kind) continue;
      if (peer !== '' && !this.peerOf(entry).toLowerCase().includes(peer)) continue;
      if (text !== '' && !`${entry.kind} ${entry.text}`.toLowerCase().includes(text)) continue;
      found.push(entry);
    }
    return found;
  }
}
