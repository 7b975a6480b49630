'use strict';

// What a program gives to be sent: the bytes of one message and its attributes, checked.

const { Buffer } = require('node:buffer');
const { invalidArgType, invalidArgValue } = require('./errors');
const {
  validateInteger, validateBoolean, validateObject, validateAddress,
} = require('./validate');

const UNORDERED = 1;
const TIME_TO_LIVE = 2;
const REPORT = 4;
const SACK_IMMEDIATELY = 32;
const DESTINATION = 64;
/**
 * What says when a message may be given up, at most one of them: its flag, and the
 * least value. @type {[string, number, number][]}
 */
const POLICIES = [['ttl', TIME_TO_LIVE, 1], ['retransmissions', 8, 0], ['priority', 16, 0]];
const MAX_U32 = 0xffff_ffff;
// The highest stream identifier (RFC 9260 §3.3.1).
const MAX_SID = 65534;

/**
 * `expires`: when it has a time to live, and waits.
 * @typedef {{ sid: number, ppid: number, flags: number, policyValue: number,
 *   context: number, to: string | undefined, expires?: number }} Attributes
 */

/** A message of its own, or its bytes as a Buffer over the same memory. @param {any} data @param {any} encoding */
function toBuffer(data, encoding) {
  if (typeof data === 'string') return Buffer.from(data, encoding);
  if (Buffer.isBuffer(data)) return data;
  if (ArrayBuffer.isView(data)) {
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  }
  throw invalidArgType('chunk',
    'of type string or an instance of Buffer, TypedArray, or DataView', data);
}

/** Of a string. */
const NO_ATTRIBUTES = Object.freeze({});

/**
 * Those of `from`, which are the properties of a Buffer or the options of `send`.
 * @param {any} from @param {string} name @returns {Attributes}
 */
function attributesOf(from, name) {
  validateObject(from, name);
  const { sid, ppid, unordered, context, sackImmediately, to } = from;
  const result = {
    sid: sid ?? 0, ppid: ppid ?? 0, flags: 0, policyValue: 0, context: context ?? 0, to,
  };
  if (sid !== undefined) validateInteger(sid, `${name}.sid`, 0, MAX_SID);
  if (ppid !== undefined) validateInteger(ppid, `${name}.ppid`, 0, MAX_U32);
  if (context !== undefined) validateInteger(context, `${name}.context`, 0, MAX_U32);
  if (unordered !== undefined) {
    validateBoolean(unordered, `${name}.unordered`);
    if (unordered) result.flags |= UNORDERED;
  }
  if (sackImmediately !== undefined) {
    validateBoolean(sackImmediately, `${name}.sackImmediately`);
    if (sackImmediately) result.flags |= SACK_IMMEDIATELY;
  }
  if (to !== undefined) {
    validateAddress(to, `${name}.to`);
    result.flags |= DESTINATION;
  }
  setPolicy(from, name, result);
  return result;
}

/** @param {any} from @param {string} name @param {Attributes} result */
function setPolicy(from, name, result) {
  if (from.ttl === undefined && from.retransmissions === undefined &&
      from.priority === undefined) return;
  let policy;
  for (const [key, flag, least] of POLICIES) {
    const value = from[key];
    if (value === undefined) continue;
    validateInteger(value, `${name}.${key}`, least, MAX_U32);
    if (policy !== undefined) {
      throw invalidArgValue(`${name}.${key}`, value,
        `is not allowed together with ${name}.${policy}`);
    }
    policy = key;
    result.flags |= flag;
    result.policyValue = value;
  }
}

module.exports = { TIME_TO_LIVE, REPORT, NO_ATTRIBUTES, toBuffer, attributesOf };
