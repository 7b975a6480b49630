'use strict';

// Which SCTP stack serves, and what it can do here.

const bridge = require('./bridge');
const { plainError } = require('./errors');
const { stackOption } = require('./options');

let warned = false;

/** Once per environment. @param {string} reason why it is not the kernel's */
function warnOfFallback(reason) {
  if (warned) return;
  warned = true;
  process.emitWarning(
    `${reason}; using usrsctp: peers must use UDP encapsulation (RFC 6951), by default on ` +
    'UDP port 9899', { type: 'SctpStackWarning', code: 'LKSCTP_USERLAND_STACK' });
}

bridge.onProcessObject('fallback',
  (/** @type {{ fallbackReason: string }} */ object) => warnOfFallback(object.fallbackReason));

/** @param {'auto' | 'kernel' | 'usrsctp'} [stack] */
function capabilities(stack) {
  bridge.open();
  try {
    return bridge.native.capabilities(stackOption(stack));
  } catch (error) {
    const told = /** @type {any} */ (error).native;
    if (told === undefined) throw error;
    throw plainError(told.code, told.message);
  }
}

// From the decoder's table: what the numbers in `parsed` and `status()` mean.
const constants = Object.freeze(bridge.native.constants());

module.exports = { capabilities, constants, warnOfFallback };
