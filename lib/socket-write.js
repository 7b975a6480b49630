'use strict';

// The writable half of a socket. A message goes to the loop as soon as it may: at
// once while less than a window is on its way, otherwise it waits in the stream,
// whose highWaterMark and 'drain' tell the program. What became of each message is
// told by number, so that a callback hears of its own message and of no other.

const { AsyncResource } = require('node:async_hooks');
const { constants } = require('node:os');
const { Duplex } = require('node:stream');
const bridge = require('./bridge');
const { native } = bridge;
const { fromLoop, plainError, invalidArgValue, outOfRange } = require('./errors');
const { validateFunction } = require('./validate');
const { TIME_TO_LIVE, REPORT, NO_ATTRIBUTES, toBuffer, attributesOf } = require('./message');
const { MESSAGE_OVERHEAD, kState, State } = require('./socket-state');
const { kOnTaken } = bridge;
const diagnostics = require('./diagnostics');

/** @typedef {(error?: Error | null) => void} Callback */
/** @typedef {import('./message').Attributes} Attributes */

function remoteEndedError() {
  return plainError('ERR_SCTP_REMOTE_ENDED', 'remote ended');
}

class MessageWriter extends Duplex {
  /** @param {any} settings @param {import('node:stream').DuplexOptions} streamOptions */
  constructor(settings, streamOptions) {
    super(streamOptions);
    this[kState] = new State(settings);
    this.connecting = false;
  }

  get bytesWritten() {
    return this[kState].bytesWritten + streamLength(this);
  }

  get bufferSize() {
    return this.writableLength;
  }

  /** @param {any} data @param {any} [encoding] @param {any} [callback] */
  write(data, encoding, callback) {
    if (typeof encoding === 'function') {
      callback = encoding;
      encoding = undefined;
    }
    if (this.writableEnded && this.readableEnded) return writeAfterBothEnds(this, callback);
    if (this.destroyed || this.writableEnded || data === null) {
      return super.write(data, encoding, callback);
    }
    const buffer = toBuffer(data, encoding || defaultEncoding(this));
    const attributes = attributesOf(typeof data === 'string' ? NO_ATTRIBUTES : data, 'data');
    return writeMessage(this, buffer, attributes, callback, data.tsn !== undefined);
  }

  /** @param {any} data @param {any} [options] @param {any} [callback] */
  send(data, options, callback) {
    if (typeof options === 'function') {
      callback = options;
      options = undefined;
    }
    const attributes = options === undefined || options === null ?
      attributesOf(typeof data === 'string' ? NO_ATTRIBUTES : data, 'data') :
      attributesOf(options, 'options');
    const buffer = toBuffer(data, defaultEncoding(this));
    if (this.writableEnded && this.readableEnded) return writeAfterBothEnds(this, callback);
    if (this.destroyed || this.writableEnded) return super.write(buffer, 'utf8', callback);
    return writeMessage(this, buffer, attributes, callback,
      !options && data.tsn !== undefined);
  }

  /** @param {any} [data] @param {any} [encoding] @param {any} [callback] */
  end(data, encoding, callback) {
    if (typeof data === 'function') {
      callback = data;
      data = undefined;
    } else if (typeof encoding === 'function') {
      callback = encoding;
      encoding = undefined;
    }
    if (this.destroyed || this.writableEnded) return super.end(data, encoding, callback);
    if (data !== undefined && data !== null) this.write(data, encoding);
    return super.end(typeof callback === 'function' ? AsyncResource.bind(callback) : callback);
  }

  // Only what could not go at once comes through the stream.
  /** @param {Buffer} chunk @param {BufferEncoding} _encoding @param {Callback} callback */
  _write(chunk, _encoding, callback) {
    const state = this[kState];
    if (!state.writeEnded && (this.connecting || state.inFlight >= state.settings.sendWindow)) {
      state.held = { goOn: () => this._write(chunk, _encoding, callback), fail: callback };
      return;
    }
    const { attributes, callback: told } = state.records.shift();
    const refusal = state.writeEnded ? remoteEndedError() :
      outlived(attributes) ?? refusalOf(state, attributes);
    if (refusal) refuse(this, refusal, attributes, chunk, told);
    else dispatch(state, chunk, attributes, told);
    callback();
  }

  /** @param {number} messages @param {number} bytes */
  [kOnTaken](messages, bytes) {
    const state = this[kState];
    if (state.writeEnded || this.destroyed) return;
    state.timer?.refresh();
    state.inFlight -= bytes + messages * MESSAGE_OVERHEAD;
    const last = state.taken + messages;
    while (state.taken < last) tell(state, ++state.taken, null);
    goOn(state);
  }
}

const ofStream = /** @type {PropertyDescriptor} */ (
  Object.getOwnPropertyDescriptor(Duplex.prototype, 'writableLength'));

/** Bytes that wait in the stream itself. @param {MessageWriter} socket @returns {number} */
function streamLength(socket) {
  return ofStream.get?.call(socket);
}

Object.defineProperty(/** @type {object} */ (MessageWriter.prototype), 'writableLength', {
  ...ofStream,
  /** @this {MessageWriter} */
  get() {
    const { inFlight, sent, taken } = this[kState];
    return streamLength(this) + inFlight - (sent - taken) * MESSAGE_OVERHEAD;
  },
});

/** That of setDefaultEncoding(). @param {any} socket @returns {BufferEncoding} */
function defaultEncoding(socket) {
  return socket._writableState.defaultEncoding;
}

/** As net does it. @param {MessageWriter} socket @param {Callback} [callback] */
function writeAfterBothEnds(socket, callback) {
  const error = plainError('EPIPE', 'This socket has been ended by the other party');
  if (typeof callback === 'function') process.nextTick(callback, error);
  socket.destroy(error);
  return false;
}

/** Whether a callback waits for that message: it is called. @param {State} state @param {number} message @param {Error | null} error */
function tell(state, message, error) {
  const callback = state.callbacks.get(message);
  if (callback === undefined) return false;
  state.callbacks.delete(message);
  process.nextTick(callback, error);
  return true;
}

/** Every callback that waits hears of it; how many there were. @param {State} state @param {() => Error} makeError */
function tellAll(state, makeError) {
  const { size } = state.callbacks;
  for (const callback of state.callbacks.values()) process.nextTick(callback, makeError());
  state.callbacks.clear();
  return size;
}

/** @param {State} state */
function goOn(state) {
  const { held } = state;
  state.held = undefined;
  held?.goOn();
}

/** Why it can never be sent, as far as is known. @param {State} state @param {Attributes} attributes */
function refusalOf(state, attributes) {
  if (state.streams === 0 || attributes.sid < state.streams) return undefined;
  return outOfRange('sid', `less than the ${state.streams} outbound streams negotiated`,
    attributes.sid);
}

/** Its time to live goes on while it waits here. @param {Attributes} attributes */
function outlived(attributes) {
  if (attributes.expires === undefined) return undefined;
  attributes.policyValue = Math.ceil(attributes.expires - performance.now());
  if (attributes.policyValue > 0) return undefined;
  const { ETIMEDOUT } = constants.errno;
  return fromLoop({ code: 'ETIMEDOUT', errno: ETIMEDOUT, message: '' }, 'write');
}

/**
 * `received`: its stream was chosen by a peer, and may be none here. That is no mistake of
 * who passes it on, `pipe()` above all, and is told of the message instead of thrown.
 * @param {MessageWriter} socket @param {Buffer} buffer @param {Attributes} attributes
 * @param {Callback | undefined} callback @param {boolean} received
 */
function writeMessage(socket, buffer, attributes, callback, received) {
  const state = socket[kState];
  if (buffer.length === 0) {
    throw invalidArgValue('chunk', buffer,
      'must have at least one byte, as every SCTP message (RFC 9260 §3.3.1)');
  }
  const largest = Math.max(state.settings.maxMessageSize,
    state.settings.native.sctp.sendBuffer ?? 0);
  if (buffer.length > largest) {
    throw plainError('ERR_SCTP_MESSAGE_TOO_LARGE',
      `The message has ${buffer.length} bytes, the bound is ${largest}: raise maxMessageSize`);
  }
  if (callback !== undefined && callback !== null) {
    validateFunction(callback, 'callback');
    callback = AsyncResource.bind(callback);
  }
  const refusal = refusalOf(state, attributes);
  if (refusal) {
    if (!received) throw refusal;
    refuse(socket, refusal, attributes, buffer, callback);
    return !socket.writableNeedDrain;
  }
  if (state.connected && !state.writeEnded && state.inFlight < state.settings.sendWindow &&
      state.records.length === 0 && socket.writableCorked === 0) {
    dispatch(state, buffer, attributes, callback);
    return true;
  }
  if (attributes.flags & TIME_TO_LIVE) {
    attributes.expires = performance.now() + attributes.policyValue;
  }
  state.records.push({ attributes, callback });
  return Duplex.prototype.write.call(socket, buffer, 'utf8');
}

/** @param {State} state @param {Buffer} buffer @param {Attributes} attributes @param {Callback | undefined} callback */
function dispatch(state, buffer, attributes, callback) {
  state.timer?.refresh();
  state.sent++;
  state.inFlight += buffer.length + MESSAGE_OVERHEAD;
  state.bytesWritten += buffer.length;
  let { flags } = attributes;
  if (callback) {
    flags |= REPORT;
    state.callbacks.set(state.sent, callback);
  }
  native.send(state.handle, buffer, attributes.sid, attributes.ppid, flags,
    attributes.policyValue, attributes.context, attributes.to);
  bridge.flushLater();
}

/**
 * The message will not be sent; stream and association live on.
 * @param {MessageWriter} socket @param {Error} error @param {Attributes} attributes
 * @param {Buffer} data @param {Callback | undefined} callback
 */
function refuse(socket, error, attributes, data, callback) {
  const state = socket[kState];
  const { sid, ppid, context } = attributes;
  if (callback) process.nextTick(callback, error);
  else if (state.writeEnded) state.lost ??= error;
  notTaken(socket, { sid, ppid, context, size: data.length, sent: false, data, error },
    Boolean(callback));
}

/**
 * A message that the loop was given and the stack never took.
 * @param {MessageWriter} socket @param {any} object
 */
function onNotTaken(socket, object) {
  const state = socket[kState];
  // What the peer gave as its cause is none here.
  const { type, handle, message, cause, error: refusal, ...failed } = object;
  // Closed: the end itself has overtaken the message.
  const remoteEnded = ['ERR_SCTP_REMOTE_ENDED', 'ERR_SCTP_CLOSED'].includes(refusal.code);
  failed.error = remoteEnded ? remoteEndedError() : fromLoop(refusal, 'write');
  const told = tell(state, message, failed.error);
  if (!told && !state.writeEnded && remoteEnded) state.lost ??= failed.error;
  notTaken(socket, failed, told);
}

/**
 * Observers hear of every one, and who has written it in its callback (then it was told),
 * or else as of one that was lost later; of those left over at the end all together.
 * @param {MessageWriter} socket @param {any} failed @param {boolean} told
 */
function notTaken(socket, failed, told) {
  diagnostics.sendFailed(socket, failed);
  if (!told && !socket[kState].writeEnded && !socket.destroyed) socket.emit('send-failed', failed);
}

/** Streams were negotiated, or are others now. @param {MessageWriter} socket @param {number} streams */
function setStreams(socket, streams) {
  socket[kState].streams = streams;
}

/** What waited for the connection goes. @param {MessageWriter} socket */
function onConnected(socket) {
  goOn(socket[kState]);
}

/** The peer takes nothing more: what it has not taken fails. @param {MessageWriter} socket */
function onRemoteEnded(socket) {
  const state = socket[kState];
  if (state.writeEnded) return;
  state.writeEnded = true;
  const told = tellAll(state, remoteEndedError);
  if (state.sent - state.taken > told) state.lost ??= remoteEndedError();
  nothingInFlight(state);
  goOn(state);
}

/** @param {State} state */
function nothingInFlight(state) {
  state.taken = state.sent;
  state.inFlight = 0;
}

/** The error of what was lost without a callback, for the end of the stream. @param {MessageWriter} socket */
function lost(socket) {
  return socket[kState].lost ?? null;
}

/** The stream is destroyed. @param {MessageWriter} socket @param {Error} error */
function fail(socket, error) {
  const state = socket[kState];
  nothingInFlight(state);
  tellAll(state, () => error);
  for (const { callback } of state.records.clear()) {
    if (callback) process.nextTick(callback, error);
  }
}

/**
 * Behind its 'error': the stream, which waits for the message it has given out, tells the
 * callbacks of end(). @param {MessageWriter} socket @param {Error} error
 */
function failHeld(socket, error) {
  const state = socket[kState];
  const { held } = state;
  state.held = undefined;
  if (held) process.nextTick(held.fail, error);
}

module.exports = {
  MessageWriter,
  Writer: { onNotTaken, setStreams, onConnected, onRemoteEnded, lost, fail, failHeld },
};
