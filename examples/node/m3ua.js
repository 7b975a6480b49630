'use strict';

// As much of M3UA (RFC 4666) as the two programs beside it speak: ASP Up, ASP Active,
// their acknowledgements, and DATA.

const VERSION = 1;
const HEADER = 8;
// Class and type of a message in one number, §3.1.2.
const types = Object.freeze({
  DATA: 0x0101, ASP_UP: 0x0301, ASP_UP_ACK: 0x0304, ASP_ACTIVE: 0x0401, ASP_ACTIVE_ACK: 0x0403,
});
const PROTOCOL_DATA = 0x0210;
const ROUTING_LABEL = 12;
const SCCP = 3;
const NATIONAL = 2;

// Stream 0 is for management, DATA goes on the others, §1.4.7.
const MANAGEMENT_STREAM = 0;

/** A message without parameters. @param {number} type */
function encode(type, parameters = Buffer.alloc(0)) {
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(VERSION, 0);
  header.writeUInt16BE(type, 2);
  header.writeUInt32BE(HEADER + parameters.length, 4);
  return Buffer.concat([header, parameters]);
}

/**
 * @typedef {{ opc: number, dpc: number, sls: number, data: Buffer }} Data
 *   point codes of origin and destination, signalling link selection, user data
 */

/** @param {Data} message */
function encodeData({ opc, dpc, sls, data }) {
  const length = 4 + ROUTING_LABEL + data.length;
  const parameter = Buffer.alloc(Math.ceil(length / 4) * 4); // padded, §3.2
  parameter.writeUInt16BE(PROTOCOL_DATA, 0);
  parameter.writeUInt16BE(length, 2);
  parameter.writeUInt32BE(opc, 4);
  parameter.writeUInt32BE(dpc, 8);
  parameter.set([SCCP, NATIONAL, 0, sls], 12);
  data.copy(parameter, 4 + ROUTING_LABEL);
  return encode(types.DATA, parameter);
}

/** The type of a message, or `undefined` when it is not one of M3UA. @param {Buffer} message */
function typeOf(message) {
  if (message.length < HEADER || message[0] !== VERSION ||
      message.readUInt32BE(4) !== message.length) {
    return undefined;
  }
  return message.readUInt16BE(2);
}

/** @param {Buffer} message @returns {Data | undefined} */
function decodeData(message) {
  if (typeOf(message) !== types.DATA) return undefined;
  // Optional parameters (network appearance, routing context) may stand before it.
  for (let at = HEADER; at + 4 <= message.length;) {
    const length = message.readUInt16BE(at + 2);
    if (length < 4 || at + length > message.length) return undefined;
    if (message.readUInt16BE(at) === PROTOCOL_DATA && length >= 4 + ROUTING_LABEL) {
      return {
        opc: message.readUInt32BE(at + 4),
        dpc: message.readUInt32BE(at + 8),
        sls: message[at + 15],
        data: message.subarray(at + 4 + ROUTING_LABEL, at + length),
      };
    }
    at += Math.ceil(length / 4) * 4;
  }
  return undefined;
}

module.exports = { types, MANAGEMENT_STREAM, encode, encodeData, decodeData, typeOf };
