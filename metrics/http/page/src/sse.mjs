// Server-sent events out of a body that is read as it comes. `EventSource` tells only
// of the kinds that are named to it beforehand; this page shows whatever comes.

/**
 * @typedef {object} ServerSentEvent
 * @property {string} id of the last event that had one
 * @property {string} event
 * @property {string} data
 */

export class EventStreamParser {
  /** @param {(event: ServerSentEvent) => void} onEvent */
  constructor(onEvent) {
    this.onEvent = onEvent;
    this.rest = '';
    this.id = '';
    this.event = '';
    /** @type {string[]} */
    this.data = [];
  }

  /** @param {string} text */
  add(text) {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.addLine(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  /** @param {string} line */
  addLine(line) {
    if (line === '') {
      if (this.data.length > 0) {
        this.onEvent({ id: this.id, event: this.event || 'message', data: this.data.join('\n') });
      }
      this.event = '';
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return; // a comment, which keeps the connection alive
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.data.push(value);
    else if (field === 'event') this.event = value;
    else if (field === 'id') this.id = value;
  }
}
