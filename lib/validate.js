'use strict';

// Checks of arguments, with Node's errors.

const net = require('node:net');
const { invalidArgType, invalidArgValue, outOfRange, badPort } = require('./errors');

/** @param {unknown} value @param {string} name @returns {asserts value is Record<string, any>} */
function validateObject(value, name) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw invalidArgType(name, 'of type object', value);
  }
}

/** @param {unknown} value @param {string} name */
function validateFunction(value, name) {
  if (typeof value !== 'function') throw invalidArgType(name, 'of type function', value);
}

/** @param {unknown} value @param {string} name */
function validateBoolean(value, name) {
  if (typeof value !== 'boolean') throw invalidArgType(name, 'of type boolean', value);
}

/** @param {unknown} value @param {string} name */
function validateString(value, name) {
  if (typeof value !== 'string') throw invalidArgType(name, 'of type string', value);
}

/** @param {unknown} value @param {string} name @param {number} min @param {number} max */
function validateInteger(value, name, min, max) {
  if (typeof value !== 'number') throw invalidArgType(name, 'of type number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < min || value > max) throw outOfRange(name, `>= ${min} && <= ${max}`, value);
}

/** As net: numbers and numeric strings. @param {unknown} port @param {string} name */
function validatePort(port, name) {
  if ((typeof port !== 'number' && typeof port !== 'string') ||
      (typeof port === 'string' && port.trim().length === 0) ||
      +port !== (+port >>> 0) || +port > 0xffff) {
    throw badPort(name, port);
  }
  return +port;
}

/** @param {unknown} value @param {string} name */
function validateAddress(value, name) {
  if (typeof value !== 'string') throw invalidArgType(name, 'of type string', value);
  if (net.isIP(value) === 0) {
    throw Object.assign(new TypeError(`Invalid IP address: ${value}`),
      { code: 'ERR_INVALID_IP_ADDRESS' });
  }
}

/** @param {unknown} value @param {string} name @param {readonly unknown[]} allowed */
function validateOneOf(value, name, allowed) {
  if (!allowed.includes(value)) {
    throw invalidArgValue(name, value,
      `must be one of: ${allowed.map((one) => `'${one}'`).join(', ')}`);
  }
}

/** @param {any} signal @param {string} name */
function validateAbortSignal(signal, name) {
  if (signal === null || typeof signal !== 'object' || !('aborted' in signal)) {
    throw invalidArgType(name, 'an instance of AbortSignal', signal);
  }
}

module.exports = {
  validateObject,
  validateFunction,
  validateBoolean,
  validateString,
  validateInteger,
  validatePort,
  validateAddress,
  validateOneOf,
  validateAbortSignal,
};
