'use strict';

// What a socket shows of its association: addresses, paths and what is known of
// them, kept current by what the loop tells.

const kFacts = Symbol('facts');

/** @param {any} path */
function peerInfo(path) {
  const { state, stateName, cwnd, srtt, rto, mtu } = path;
  return { state, stateName, cwnd, srtt, rto, mtu };
}

/** @param {string[]} a @param {string[]} b */
function sameSet(a, b) {
  return a.length === b.length && a.every((one) => b.includes(one));
}

/** @param {{ address: string }[]} list */
function addressesOf(list) {
  return list.map(({ address }) => address);
}

/** @param {any} socket */
function define(socket) {
  socket[kFacts] = { paths: [] };
}

/** @param {any} socket @param {any[]} local @returns {boolean} whether it changed */
function setLocal(socket, local) {
  if (local.length === 0) return false;
  const addresses = addressesOf(local);
  const changed = !sameSet(socket.localAddresses, addresses);
  socket.localAddresses = addresses;
  const kept = local.find(({ address }) => address === socket.localAddress);
  // Of the family it talks to, when there is one: which of several the stack sends
  // from is its choice for each packet.
  const first = kept ?? local.find(({ family }) => family === socket.remoteFamily) ?? local[0];
  socket.localAddress = first.address;
  socket.localFamily = first.family;
  socket.localPort = first.port;
  return changed;
}

/** @param {any} socket @param {any[]} paths @returns {boolean} whether it changed */
function setPaths(socket, paths) {
  if (paths.length === 0) return false;
  socket[kFacts].paths = paths;
  const addresses = addressesOf(paths);
  const primary = paths.find((path) => path.primary) ?? paths[0];
  const changed = !sameSet(socket.remoteAddresses, addresses) ||
    socket.remoteAddress !== primary.address;
  socket.remoteAddresses = addresses;
  socket.remoteAddress = primary.address;
  socket.remoteFamily = primary.family;
  socket.remotePort = primary.port;
  socket.peerInfoByAddress = Object.fromEntries(
    paths.map((path) => [path.address, peerInfo(path)]));
  return changed;
}

/** The association is up. @param {any} socket @param {any} info */
function establish(socket, info) {
  if (info.paths.length > 0) {
    setPaths(socket, info.paths);
  } else if (info.remote.length > 0) {
    const [{ address, family, port }] = info.remote;
    socket.remoteAddresses = addressesOf(info.remote);
    socket.remoteAddress = address;
    socket.remoteFamily = family;
    socket.remotePort = port;
    socket.peerInfoByAddress = Object.fromEntries(
      socket.remoteAddresses.map((/** @type {string} */ one) => [one, undefined]));
  }
  setLocal(socket, info.local);
}

/** @param {any} socket @param {any[]} paths */
function onPaths(socket, paths) {
  if (socket.destroyed) return;
  const changed = setPaths(socket, paths);
  if (socket.pending) return; // 'connect' tells
  if (changed) socket.emit('address-change');
  socket.emit('peer-info-update');
}

/** @param {any} socket @param {any[]} local */
function onLocal(socket, local) {
  if (socket.destroyed) return;
  if (setLocal(socket, local) && !socket.pending) socket.emit('address-change');
}

/** The state of one path, ahead of the sample that follows. @param {any} socket @param {any} event */
function onPathEvent(socket, event) {
  const info = socket.peerInfoByAddress[event.aaddr.address];
  if (info !== undefined && event.stateName === 'SCTP_ADDR_UNREACHABLE') {
    info.state = 0;
    info.stateName = 'inactive';
  }
}

/** @param {any} socket */
function paths(socket) {
  return socket[kFacts].paths.map((/** @type {any} */ path) => ({ ...path }));
}

/** @param {any} path */
function primaryOf(path) {
  const { address, state, cwnd, srtt, rto, mtu } = path;
  return { address, state, cwnd, srtt, rto, mtu };
}

module.exports = {
  Facts: { define, establish, onPaths, onLocal, onPathEvent, paths, primaryOf },
};
