'use strict';

// What the loop tells a socket, and what follows from it: connected, ended, lost.

const bridge = require('./bridge');
const { native } = bridge;
const { fromLoop } = require('./errors');
const { Facts } = require('./socket-facts');
const { Writer } = require('./socket-write');
const { MESSAGE_OVERHEAD, kState } = require('./socket-state');
const diagnostics = require('./diagnostics');

/** @typedef {import('./socket').Socket} Socket */

// The loop may give as much again. Told in portions: each is a command.
/** @param {import('./socket-state').State} state @param {number} size */
function use(state, size) {
  state.unreported += size + MESSAGE_OVERHEAD;
  if (state.unreported * 4 < state.settings.receiveWindow) return;
  native.consumed(state.handle, state.unreported);
  state.unreported = 0;
  bridge.flushLater();
}

// ---- what the loop tells -------------------------------------------------------------

/** @param {Socket} socket @param {any} info */
function onConnected(socket, info) {
  const state = socket[kState];
  if (socket.destroyed) return;
  establish(socket, info);
  socket.connecting = false;
  socket.emit('connect');
  socket.emit('ready');
  Writer.onConnected(socket);
  if (!socket.isPaused()) socket.read(0);
  if (state.closed) socket.read(0);
}

/** @param {Socket} socket @param {any} info */
function establish(socket, info) {
  const state = socket[kState];
  state.connected = true;
  state.peerName = info.peerName;
  Writer.setStreams(socket, info.outboundStreams);
  Facts.establish(socket, info);
  diagnostics.association(socket, 'up', info);
  const interval = state.settings.peerInfoInterval;
  if (interval > 0) {
    state.peerInfoTimer = setInterval(() => native.sample(state.handle), interval).unref();
  }
}

/** @param {Socket} socket */
function onPeerShutdown(socket) {
  Writer.onRemoteEnded(socket);
  endReading(socket);
}

// Behind everything the peer has sent.
/** @param {Socket} socket */
function endReading(socket) {
  const state = socket[kState];
  if (state.remoteEnded || socket.destroyed) return;
  state.remoteEnded = true;
  if (state.inbox.length > 0) return;
  socket.push(null);
  socket.read(0);
}

/** @param {Socket} socket @param {any} closed @param {string} [syscall] */
function onClosed(socket, closed, syscall) {
  const state = socket[kState];
  const wasConnecting = !state.connected;
  state.closed = true;
  bridge.forget(state.handle);
  clearInterval(state.peerInfoTimer);
  diagnostics.association(socket, 'down', closed);
  if (socket.destroyed) {
    const done = state.onClosed;
    state.onClosed = undefined;
    if (done) done();
    else bridge.unretain(state);
    return;
  }
  if (closed.error) {
    const error = fromLoop(closed.error, syscall ?? (wasConnecting ? 'connect' : 'read'));
    const cause = causeOf(state, closed);
    if (cause !== undefined) error.cause = cause;
    socket.destroy(error);
    return;
  }
  Writer.onRemoteEnded(socket);
  const done = state.onEnding;
  state.onEnding = undefined;
  done?.(Writer.lost(socket));
  endReading(socket);
}

// The parsed causes of the ABORT, when there was one.
/** @param {import('./socket-state').State} state @param {any} closed */
function causeOf(state, closed) {
  const causes = state.lastChange?.causes ?? [];
  if (causes.length === 0 && closed.cause === undefined) return undefined;
  const first = causes[0] ?? closed.cause;
  return { ...first, reason: closed.reason, causes: causes.length > 0 ? causes : [first] };
}

/** @param {Socket} socket @param {any} object */
function onNotification(socket, object) {
  const state = socket[kState];
  const { raw, parsed, interpreted, event } = object;
  if (event.type === 'association_change') {
    state.lastChange = event;
    if (event.stateName === 'SCTP_RESTART') Writer.setStreams(socket, event.outboundStreams);
  }
  if (event.type === 'peer_address_change') diagnostics.path(socket, event);
  if (socket.destroyed) return;
  socket.emit('notification', { raw, parsed, interpreted, event });
  if (event.type === 'peer_address_change') Facts.onPathEvent(socket, event);
}

/** @param {Socket} socket @param {any} object */
function onSendFailed(socket, object) {
  const { type, handle, ...failed } = object;
  diagnostics.sendFailed(socket, failed);
  if (!socket.destroyed) socket.emit('send-failed', failed);
}

module.exports = {
  use, establish, onConnected, onPeerShutdown, onClosed, onNotification,
  onSendFailed,
};
