'use strict';

// The options of createServer, listen and connect: checked, and brought into the one
// form that the addon takes.

const { invalidArgType, invalidArgValue, outOfRange, plainError } = require('./errors');
const {
  validateObject, validateBoolean, validateString, validateInteger, validateOneOf,
  validateAddress, validatePort,
} = require('./validate');

const MAX_U32 = 0xffff_ffff;
const MAX_STREAMS = 65535;
const STACKS = ['auto', 'kernel', 'usrsctp'];

// Bytes on their way when `highWaterMark` does not say: to the stack, and from it. More
// to it, as it takes them in bursts, whenever the peer has made room.
const DEFAULT_SEND_WINDOW = 512 * 1024;
const DEFAULT_RECEIVE_WINDOW = 256 * 1024;
const DEFAULT_MAX_MESSAGE_SIZE = 1024 * 1024;
const DEFAULT_PEER_INFO_INTERVAL = 5000;

/**
 * What `sctp` may hold: by group, the least and greatest value; `null` is a boolean.
 * @type {Record<string, Record<string, [number, number] | null>>}
 */
const SCTP_GROUPS = {
  sack: { delay: [0, 500], freq: [0, MAX_U32] },
  rto: { initial: [1, MAX_U32], min: [1, MAX_U32], max: [1, MAX_U32] },
  association: { maxRetransmissions: [1, 65535], cookieLife: [1, MAX_U32] },
  path: {
    heartbeat: null,
    heartbeatInterval: [1, MAX_U32],
    maxRetransmissions: [1, 65535],
    pathMtu: [512, 65535],
    dscp: [0, 63],
  },
  initiation: {
    outboundStreams: [1, MAX_STREAMS],
    maxInboundStreams: [1, MAX_STREAMS],
    maxAttempts: [1, 65535],
    maxTimeout: [1, 65535],
  },
};
/** @type {Record<string, [number, number] | null>} */
const SCTP_VALUES = {
  noDelay: null,
  maxSegment: [1, 65535],
  maxBurst: [0, 65535],
  fragmentInterleave: [0, 2],
  potentiallyFailed: null,
  sendBuffer: [1, 0x7fff_ffff],
  receiveBuffer: [1, 0x7fff_ffff],
  senderDry: null,
};
/** What RFC 6458 knows and no socket of this package can have: why. @type {Record<string, string>} */
const SCTP_REFUSED = {
  autoclose: 'is for sockets with several associations (RFC 6458 §8.1.8); these have one ' +
    'each: socket.setTimeout() tells when it is idle',
};

/** @param {any} value @param {string} name @param {[number, number] | null} range */
function checkValue(value, name, range) {
  if (range === null) validateBoolean(value, name);
  else validateInteger(value, name, range[0], range[1]);
}

/** @param {any} sctp @param {string} name @returns {Record<string, any>} */
function sctpOptions(sctp, name = 'options.sctp') {
  validateObject(sctp, name);
  /** @type {Record<string, any>} */
  const result = {};
  for (const [key, value] of Object.entries(sctp)) {
    if (value === undefined) continue;
    if (key in SCTP_REFUSED) {
      throw plainError('ERR_SCTP_NOT_SUPPORTED',
        `The option "${name}.${key}" ${SCTP_REFUSED[key]}`);
    }
    if (key in SCTP_VALUES) {
      checkValue(value, `${name}.${key}`, SCTP_VALUES[key]);
      if (key === 'fragmentInterleave' && value === 2) {
        throw plainError('ERR_SCTP_NOT_SUPPORTED', `The option "${name}.${key}" 2 delivers ` +
          'parts of messages in turns (RFC 6458 §8.1.20); here messages are whole: 0 or 1');
      }
      result[key] = value;
    } else if (key in SCTP_GROUPS) {
      validateObject(value, `${name}.${key}`);
      result[key] = {};
      for (const [field, range] of Object.entries(SCTP_GROUPS[key])) {
        const one = /** @type {any} */ (value)[field];
        if (one === undefined) continue;
        checkValue(one, `${name}.${key}.${field}`, range);
        result[key][field] = one;
      }
    }
  }
  return result;
}

// With a delay of 0 or a frequency of 1 SACKs are not delayed at all: the two must
// not contradict each other on the way to SCTP_DELAYED_SACK, where 0 means "as is".
/** @param {Record<string, any>} sctp */
function normalizeSack(sctp) {
  const { sack } = sctp;
  if (sack === undefined) return;
  const { delay, freq } = sack;
  if (delay === 0) sctp.sack = { freq: 1 };
  else if (freq === 0) sctp.sack = delay === undefined ? {} : { delay };
}

/**
 * What createServer and connect have in common.
 * @param {any} options
 */
function associationOptions(options) {
  const {
    highWaterMark, noDelay, MIS, OS, sctp, maxMessageSize, peerInfoInterval, stack,
    udpEncapsulation, name, peerName,
  } = options;
  if (highWaterMark !== undefined) {
    validateInteger(highWaterMark, 'options.highWaterMark', 0, MAX_U32);
  }
  if (MIS !== undefined) validateInteger(MIS, 'options.MIS', 1, MAX_STREAMS);
  if (OS !== undefined) validateInteger(OS, 'options.OS', 1, MAX_STREAMS);
  if (maxMessageSize !== undefined) {
    validateInteger(maxMessageSize, 'options.maxMessageSize', 1, 0x7fff_ffff);
  }
  if (peerInfoInterval !== undefined) {
    validateInteger(peerInfoInterval, 'options.peerInfoInterval', 0, 0x7fff_ffff);
  }
  if (name !== undefined) validateString(name, 'options.name');
  if (peerName !== undefined && typeof peerName !== 'string' && typeof peerName !== 'function') {
    throw invalidArgType('options.peerName', 'of type string or an instance of Function',
      peerName);
  }

  const sctpSettings = sctp === undefined ? {} : sctpOptions(sctp);
  normalizeSack(sctpSettings);
  // As net: whatever is true enough. On unless it is false: Nagle and delayed SACKs
  // together stall signalling.
  if (noDelay !== undefined) sctpSettings.noDelay = Boolean(noDelay);
  if (MIS !== undefined || OS !== undefined) {
    sctpSettings.initiation = {
      ...sctpSettings.initiation,
      ...(MIS === undefined ? {} : { maxInboundStreams: MIS }),
      ...(OS === undefined ? {} : { outboundStreams: OS }),
    };
  }
  const sendWindow = Math.max(1, highWaterMark ?? DEFAULT_SEND_WINDOW);
  const receiveWindow = Math.max(1, highWaterMark ?? DEFAULT_RECEIVE_WINDOW);
  return {
    stack: stackOption(stack),
    highWaterMark,
    sendWindow,
    receiveWindow,
    peerInfoInterval: peerInfoInterval ?? DEFAULT_PEER_INFO_INTERVAL,
    maxMessageSize: maxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE,
    native: {
      name,
      peerName: typeof peerName === 'string' ? peerName : undefined,
      sctp: sctpSettings,
      sendWindow,
      receiveWindow,
      maxMessageSize: maxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE,
      udpEncapsulation: udpOptions(udpEncapsulation),
    },
  };
}

/** The stack asked for: by the call, else by LKSCTP_STACK. @param {any} stack */
function stackOption(stack) {
  if (stack !== undefined) {
    validateOneOf(stack, 'options.stack', STACKS);
    return stack;
  }
  const fromEnvironment = process.env.LKSCTP_STACK;
  if (fromEnvironment === undefined || fromEnvironment === '') return 'auto';
  validateOneOf(fromEnvironment, 'LKSCTP_STACK', STACKS);
  return fromEnvironment;
}

/** @param {any} udp */
function udpOptions(udp) {
  if (udp === undefined) return undefined;
  validateObject(udp, 'options.udpEncapsulation');
  const { localPort, remotePort } = /** @type {any} */ (udp);
  return {
    localPort: localPort === undefined ? undefined :
      validatePort(localPort, 'options.udpEncapsulation.localPort'),
    remotePort: remotePort === undefined ? undefined :
      validatePort(remotePort, 'options.udpEncapsulation.remotePort'),
  };
}

/**
 * A set of addresses: one option that names one, another that names several.
 * @param {any} options @param {string} one @param {string} several
 * @returns {string[] | undefined}
 */
function addressOptions(options, one, several) {
  if (options[several] === undefined) {
    return options[one] === undefined ? undefined : [options[one]];
  }
  if (options[one] !== undefined) {
    throw invalidArgValue(`options.${several}`, options[several],
      `is not allowed together with options.${one}`);
  }
  if (!Array.isArray(options[several])) {
    throw invalidArgType(`options.${several}`, 'an instance of Array', options[several]);
  }
  if (options[several].length === 0) {
    throw invalidArgValue(`options.${several}`, options[several], 'must not be empty');
  }
  return [...options[several]];
}

/** @param {string[] | undefined} addresses @param {string} name */
function checkAddresses(addresses, name) {
  for (const address of addresses ?? []) validateAddress(address, name);
  return addresses;
}

module.exports = {
  MAX_STREAMS,
  associationOptions,
  sctpOptions,
  normalizeSack,
  stackOption,
  addressOptions,
  checkAddresses,
  outOfRange,
};
