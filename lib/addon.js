'use strict';

// Finds the addon. One that was built here is there because somebody asked for it, or
// because the prebuilt one that came with the package could not be loaded: it goes first.

const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const ownBuild = path.resolve(root, process.env.LKSCTP_BUILD_DIR ?? 'build/node',
  'node-binding/lksctp.node');
// What is being worked on is not what was packed once: a prebuilt addon that lies here is
// of another day.
const sourceTree = fs.existsSync(path.join(root, 'tests'));
const prebuilt = path.join(root, 'prebuilds', `linux-${process.arch}`, 'lksctp.node');

function loadAddon() {
  const files = process.env.LKSCTP_BUILD_DIR || sourceTree ? [ownBuild] : [ownBuild, prebuilt];
  /** @type {Error[]} */
  const reasons = [];
  for (const file of files) {
    if (!fs.existsSync(file)) continue;
    try {
      return require(file);
    } catch (error) {
      reasons.push(/** @type {Error} */ (error));
    }
  }
  const why = reasons.length === 0 ? `There is no ${files.join(', nor ')}.` :
    reasons.map((reason) => reason.message).join('; ');
  throw Object.assign(
    new Error('The addon of lksctp could not be loaded; build it with ' +
      `"${sourceTree ? 'npm install' : 'npm rebuild lksctp'}". ${why}`),
    { code: 'ERR_SCTP_ADDON', cause: reasons[0] });
}

module.exports = { loadAddon, ownBuild, prebuilt, sourceTree };
