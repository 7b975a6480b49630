'use strict';

// Errors in Node's form: `code` on all of them; `errno`, `syscall`, `address` and
// `port` on those of the system.

const net = require('node:net');
const { inspect } = require('node:util');

/**
 * @template {ErrorConstructor | TypeErrorConstructor | RangeErrorConstructor} T
 * @param {T} Base @param {string} code @param {string} message
 * @returns {InstanceType<T> & { code: string }}
 */
function codedError(Base, code, message) {
  const error = /** @type {any} */ (new Base(message));
  // As Node's own: the code stands in the stack, `name` stays that of the class.
  error.name = `${Base.name} [${code}]`;
  error.stack; // captured with that name
  delete error.name;
  error.code = code;
  return error;
}

/** @param {unknown} value */
function received(value) {
  if (value == null) return ` Received ${value}`;
  if (typeof value === 'function') return ` Received function ${value.name}`;
  if (typeof value === 'object') {
    if (value.constructor?.name) return ` Received an instance of ${value.constructor.name}`;
    return ` Received ${inspect(value, { depth: -1 })}`;
  }
  let text = inspect(value, { colors: false });
  if (text.length > 28) text = `${text.slice(0, 25)}...`;
  return ` Received type ${typeof value} (${text})`;
}

/** @param {string} name */
function kindOf(name) {
  return name.includes('.') ? 'property' : 'argument';
}

/** @param {string} name @param {string} expected "of type number" … @param {unknown} value */
function invalidArgType(name, expected, value) {
  return codedError(TypeError, 'ERR_INVALID_ARG_TYPE',
    `The "${name}" ${kindOf(name)} must be ${expected}.${received(value)}`);
}

/** @param {string} name @param {unknown} value @param {string} [reason] */
function invalidArgValue(name, value, reason = 'is invalid') {
  let text = inspect(value);
  if (text.length > 128) text = `${text.slice(0, 128)}...`;
  return codedError(TypeError, 'ERR_INVALID_ARG_VALUE',
    `The ${kindOf(name)} '${name}' ${reason}. Received ${text}`);
}

/** @param {string} name @param {string} range @param {unknown} value */
function outOfRange(name, range, value) {
  return codedError(RangeError, 'ERR_OUT_OF_RANGE',
    `The value of "${name}" is out of range. It must be ${range}. Received ${inspect(value)}`);
}

/** @param {string} name @param {unknown} port */
function badPort(name, port) {
  return codedError(RangeError, 'ERR_SOCKET_BAD_PORT',
    `${name} should be >= 0 and < 65536.${received(port)}.`);
}

/** @param {string} code @param {string} message */
function plainError(code, message) {
  return codedError(Error, code, message);
}

/** @param {{ cause?: unknown }} [options] */
function abortError(options) {
  const error = new Error('The operation was aborted', options);
  error.name = 'AbortError';
  return Object.assign(error, { code: 'ABORT_ERR' });
}

/** What the loop's messages name as C++ has it. @type {Record<string, string>} */
const JS_NAMES = {
  'udp.remote_port': 'udpEncapsulation.remotePort',
  'udp.local_port': 'udpEncapsulation.localPort',
  'options.send_buffer': 'sctp.sendBuffer',
  max_message_size: 'maxMessageSize',
  allow_public: 'allowPublic',
  path_mtu: 'pathMtu',
  ipv6_only: 'ipv6Only',
};
const CPP_NAME = new RegExp(
  `\\b(?:${Object.keys(JS_NAMES).map((name) => name.replace('.', '\\.')).join('|')})\\b`, 'g');

/**
 * The error that the loop has told of.
 * @param {{ code: string, errno?: number, message: string, operation?: string,
 *   address?: string, port?: number }} told
 * @param {string} syscall what the caller did: "listen", "connect", "read" …
 */
function fromLoop(told, syscall) {
  const { code, errno, address, port } = told;
  const message = told.message.replace(CPP_NAME, (name) => JS_NAMES[name]);
  if (code.startsWith('ERR_')) return plainError(code, message);
  const where = address === undefined || syscall === 'read' ? '' :
    ` ${net.isIPv6(address) && port ? `[${address}]` : address}${port ? `:${port}` : ''}`;
  // As net puts it, and behind that what the stack advises.
  const text = `${syscall} ${code}${where}${where && `: ${message}`}`;
  const error = /** @type {any} */ (new Error(text));
  error.errno = errno === undefined ? undefined : -errno;
  error.code = code;
  error.syscall = syscall;
  if (address !== undefined) {
    error.address = address;
    if (port) error.port = port;
  }
  return error;
}

module.exports = {
  codedError,
  invalidArgType,
  invalidArgValue,
  outOfRange,
  badPort,
  plainError,
  abortError,
  fromLoop,
};
