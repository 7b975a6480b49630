'use strict';

// What a socket keeps to itself. `kState` is its place in the socket.

const { Queue } = require('./queue');

const kState = Symbol('state');
// What a message counts beside its bytes while it waits, in both directions: as in
// node-binding/src/connection.cc and in the reactor's queues.
const MESSAGE_OVERHEAD = 128;

class State {
  /** @param {any} settings see `associationOptions` */
  constructor(settings) {
    this.settings = settings;
    this.handle = -1;
    this.started = false; // the loop has heard of it
    this.connected = false;
    this.closed = false; // the association has ended, or never was
    this.ending = false; // it shuts down
    this.refed = true;
    this.retained = false;
    /** @type {((error?: Error | null) => void) | undefined} */
    this.onEnding = undefined; // of _final
    /** @type {(() => void) | undefined} */
    this.onClosed = undefined; // of _destroy
    this.abortReason = '';
    /** @type {any} */
    this.server = undefined; // that has accepted it
    /** @type {string | undefined} */
    this.peerName = undefined;
    /** @type {any} */
    this.lastChange = undefined; // event of the latest SCTP_ASSOC_CHANGE
    /** @type {NodeJS.Timeout | undefined} */
    this.timer = undefined; // of setTimeout
    /** @type {NodeJS.Timeout | undefined} */
    this.peerInfoTimer = undefined;

    // Reading.
    /** Messages that the readable side has not taken yet. @type {Queue<any>} */
    this.inbox = new Queue();
    this.wanted = false; // it takes more
    this.remoteEnded = false; // the peer sends no more
    this.unreported = 0; // what was used, counts for, and the loop does not know of
    this.bytesRead = 0;

    // Writing; messages are counted from 1.
    this.streams = 0; // negotiated; 0 until it is up
    this.sent = 0; // messages given to the loop
    this.taken = 0; // of them, those that the stack has taken, or never will
    this.inFlight = 0; // what the others count
    this.bytesWritten = 0; // given to the loop
    this.writeEnded = false; // the peer takes no more
    /** Why a message was lost that no callback heard of. @type {Error | undefined} */
    this.lost = undefined;
    /** By the number of their message, in order. @type {Map<number, (error: Error | null) => void>} */
    this.callbacks = new Map();
    /** Attributes of the messages that wait in the stream. @type {Queue<any>} */
    this.records = new Queue();
    /**
     * The first of them, which the stream has given out: goes on, or tells the stream
     * that it never will. @type {{ goOn: () => void, fail: (error: Error) => void } | undefined}
     */
    this.held = undefined;
  }
}

module.exports = { MESSAGE_OVERHEAD, kState, State };
