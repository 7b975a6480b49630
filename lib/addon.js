'use strict';

// Finds the addon. One that was built here is there because somebody asked for it, or
// because the prebuilt one that came with the package could not be loaded: it goes first.

const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const ownBuild = path.resolve(root, process.env.LKSCTP_BUILD_DIR ?? 'build/node',
  'node-binding/lksctp.node');
const prebuilt = path.join(root, 'prebuilds', `linux-${process.arch}`, 'lksctp.node');

function loadAddon() {
  /** @type {Error[]} */
  const reasons = [];
  for (const file of process.env.LKSCTP_BUILD_DIR ? [ownBuild] : [ownBuild, prebuilt]) {
    if (!fs.existsSync(file)) continue;
    try {
      return require(file);
    } catch (error) {
      reasons.push(/** @type {Error} */ (error));
    }
  }
  const why = reasons.length === 0 ? 'There is none.' :
    reasons.map((reason) => reason.message).join('; ');
  throw Object.assign(
    new Error('The addon of lksctp could not be loaded; build it with ' +
      `"npm rebuild lksctp" (in its source tree: "npm install"). ${why}`),
    { code: 'ERR_SCTP_ADDON', cause: reasons[0] });
}

module.exports = { loadAddon, ownBuild, prebuilt };
