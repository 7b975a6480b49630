'use strict';

// Channels of node:diagnostics_channel, for tools that watch a program they do not
// change. Each message names the socket it is about.

const { channel } = require('node:diagnostics_channel');

const associationChannel = channel('lksctp:association');
const pathChannel = channel('lksctp:path');
const sendFailedChannel = channel('lksctp:send-failed');

/** An association came up or went down. @param {any} socket @param {'up' | 'down'} state @param {any} info */
function association(socket, state, info) {
  if (!associationChannel.hasSubscribers) return;
  const { type, handle, listener, ...rest } = info;
  associationChannel.publish({ socket, state, ...rest });
}

/** @param {any} socket @param {any} event of type peer_address_change */
function path(socket, event) {
  if (pathChannel.hasSubscribers) pathChannel.publish({ socket, event });
}

/** @param {any} socket @param {any} failed */
function sendFailed(socket, failed) {
  if (sendFailedChannel.hasSubscribers) sendFailedChannel.publish({ socket, ...failed });
}

module.exports = { association, path, sendFailed };
