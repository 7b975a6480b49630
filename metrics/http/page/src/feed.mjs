// What the page is told: the status each second and right after each event, and the
// events. It goes on by itself when the server is back.

import { EventStreamParser } from './sse.mjs';

/** @typedef {import('./status.d.ts').Status} Status */

const POLL = 1000;
// Events come in bursts: the first is waited on for a moment, the others for longer.
const AFTER_EVENT = 30;
const BETWEEN_STATUSES = 200;
// A server that does not answer for so long is not there.
const PATIENCE = 5000;
// Readers of events are few, and a server may have its fill of them.
const RETRY_EVENTS = 1000;

/**
 * Of these there are many, and they change nothing that a person waits for: samples say
 * what the next status says, and an end can leave thousands of messages undelivered.
 * @param {string} kind
 */
export const isDetail = (kind) => /_sampled$|^(message_failed|send_failed|sender_dry)$/.test(kind);

/** @param {unknown} error */
const wordsOf = (error) => error instanceof Error ? error.message : String(error);

export class Feed {
  /**
   * @param {object} told
   * @param {(status: Status) => void} told.onStatus
   * @param {(event: import('./sse.mjs').ServerSentEvent) => void} told.onEvent
   * @param {(connected: boolean, problem: string) => void} told.onConnection of the status
   * @param {(reading: boolean, problem: string) => void} told.onReading of the events
   */
  constructor(told) {
    this.told = told;
    this.fetching = false;
    this.wanted = false;
    this.fetched = 0;
    this.failing = false;
    /** Of which process the events are, and the last of them. */
    this.started = 0;
    this.seq = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {AbortController | undefined} */
    this.events = undefined;
  }

  start() {
    this.poll();
    this.readEvents();
  }

  /** @param {number} delay */
  pollIn(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.poll(), delay);
  }

  async poll() {
    if (this.fetching) {
      this.wanted = true;
      return;
    }
    this.fetching = true;
    this.wanted = false;
    this.fetched = performance.now();
    const status = await this.fetchStatus();
    this.fetching = false;
    this.pollIn(this.wanted ? BETWEEN_STATUSES : POLL);
    if (!status) return;
    // A stream of a server that was gone may never end by itself.
    if (this.failing) this.events?.abort();
    this.failing = false;
    this.told.onConnection(true, '');
    this.told.onStatus(status);
  }

  /** @returns {Promise<Status | undefined>} */
  async fetchStatus() {
    try {
      const answer = await fetch('status.json', {
        cache: 'no-store', signal: AbortSignal.timeout(PATIENCE),
      });
      if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
      return await answer.json();
    } catch (error) {
      this.failing = true;
      this.told.onConnection(false, wordsOf(error));
      return undefined;
    }
  }

  soon() {
    this.wanted = true;
    if (this.fetching) return;
    this.pollIn(Math.max(AFTER_EVENT, this.fetched + BETWEEN_STATUSES - performance.now()));
  }

  async readEvents() {
    for (;;) {
      let problem = 'the server has ended them';
      // Ended from here when the status is back: the wait below must not take longer.
      const { signal } = (this.events = new AbortController());
      try {
        const answer = await fetch(`events?since=${this.seq}`, { cache: 'no-store', signal });
        if (!answer.ok || !answer.body) throw new Error(`the server answers ${answer.status}`);
        this.told.onReading(true, '');
        await this.readBody(answer.body, signal);
      } catch (error) {
        problem = wordsOf(error);
      }
      if (!signal.aborted) {
        this.told.onReading(false, problem);
        await new Promise((resolve) => setTimeout(resolve, RETRY_EVENTS));
      }
    }
  }

  /** @param {ReadableStream<Uint8Array>} body @param {AbortSignal} signal */
  async readBody(body, signal) {
    const parser = new EventStreamParser((event) => {
      // What has come together with the reason to begin anew comes again.
      if (!signal.aborted) this.onEvent(event);
    });
    const decoder = new TextDecoder();
    const reader = body.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      parser.add(decoder.decode(value, { stream: true }));
    }
  }

  /** @param {import('./sse.mjs').ServerSentEvent} event */
  onEvent(event) {
    if (event.event === 'hello') {
      const { started } = JSON.parse(event.data);
      // The numbers of another process mean nothing here: its events from the first.
      const other = this.started !== 0 && this.started !== started;
      this.started = started;
      if (other && this.seq !== 0) {
        this.seq = 0;
        this.events?.abort();
      }
    } else {
      this.seq = Math.max(this.seq, Number(event.id) || 0);
      if (!isDetail(event.event)) this.soon();
    }
    this.told.onEvent(event);
  }
}
