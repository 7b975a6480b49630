'use strict';

// Finds the addon: the one built on this machine.

const path = require('node:path');

const root = path.resolve(__dirname, '..');

function loadAddon() {
  const file = path.resolve(root, process.env.LKSCTP_BUILD_DIR ?? 'build/node',
    'node-binding/lksctp.node');
  try {
    return require(file);
  } catch (error) {
    const reason = /** @type {Error} */ (error);
    throw Object.assign(
      new Error(`The addon of lksctp could not be loaded; build it with ` +
        `"npm rebuild lksctp" (in its source tree: "npm install"). ${reason.message}`),
      { code: 'ERR_SCTP_ADDON', cause: reason });
  }
}

module.exports = { loadAddon };
