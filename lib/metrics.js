'use strict';

// sctp.metrics: the series of docs/metrics.md for the whole process, workers included:
// as text, over HTTP, and for registries of the shape that Prometheus clients share.

const { isMainThread } = require('node:worker_threads');
const bridge = require('./bridge');
const { fromLoop, invalidArgType } = require('./errors');
const { stackOption } = require('./options');
const {
  validateBoolean, validateObject, validatePort, validateString,
} = require('./validate');

const { native } = bridge;
const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 9464;
const contentType = 'text/plain; version=0.0.4; charset=utf-8';

let lastEndpoint = 0;

/** An HTTP endpoint that serves until it is closed, or its environment ends. */
class MetricsEndpoint {
  #id;

  /** @param {number} id @param {string} host @param {{ port: number, url: string }} bound */
  constructor(id, host, { port, url }) {
    this.#id = id;
    this.host = host;
    this.port = port;
    this.url = url;
  }

  close() {
    native.metricsClose(this.#id);
  }
}

/** @param {any} [options] @returns {Promise<MetricsEndpoint>} */
async function listen(options = {}) {
  validateObject(options, 'options');
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, allowPublic = false, auth } = options;
  validateString(host, 'options.host');
  const number = validatePort(port, 'options.port');
  validateBoolean(allowPublic, 'options.allowPublic');
  if (auth !== undefined) {
    validateObject(auth, 'options.auth');
    validateString(auth.user, 'options.auth.user');
    validateString(auth.password, 'options.auth.password');
  }
  bridge.open();
  const id = ++lastEndpoint;
  try {
    return new MetricsEndpoint(id, host,
      native.metricsListen(id, host, number, allowPublic, auth?.user, auth?.password));
  } catch (error) {
    const told = /** @type {any} */ (error).native;
    throw told === undefined ? error : fromLoop(told, 'listen');
  }
}

/** @returns {Promise<string>} */
async function text() {
  bridge.open();
  return native.metricsText();
}

/** Endpoints, associations, paths and streams, as they were behind one event. */
function snapshot() {
  bridge.open();
  return native.metricsSnapshot();
}

// What all series of one scrape share: a registry asks for each by itself.
/** @type {Record<string, any[]> | undefined} */
let samples;

function currentSamples() {
  if (samples === undefined) {
    samples = native.metricsSamples();
    setImmediate(() => { samples = undefined; });
  }
  return /** @type {Record<string, any[]>} */ (samples);
}

/**
 * Registers every series with a registry, and returns it.
 * @param {any} registry
 */
function register(registry) {
  if (typeof registry?.registerMetric !== 'function') {
    throw invalidArgType('registry', 'an object with the method registerMetric', registry);
  }
  bridge.open();
  for (const { name, help, type } of native.metricsSeries()) {
    registry.registerMetric({
      name,
      help,
      type,
      aggregator: 'sum',
      // Under the name it has then: registries take "_total" off for OpenMetrics.
      async get() {
        return {
          name: this.name, help, type, aggregator: 'sum', values: currentSamples()[name] ?? [],
        };
      },
      // Nothing is kept here that could be reset.
      reset() {},
    });
  }
  return registry;
}

/**
 * Peers that have series, with `up 0`, before they ever connect.
 * @param {{ endpoint: string, peer: string }[]} peers
 */
function expectPeers(peers) {
  if (!Array.isArray(peers)) throw invalidArgType('peers', 'an instance of Array', peers);
  for (const [i, one] of peers.entries()) {
    validateObject(one, `peers[${i}]`);
    validateString(one.endpoint, `peers[${i}].endpoint`);
    validateString(one.peer, `peers[${i}].peer`);
  }
  bridge.open();
  for (const { endpoint, peer } of peers) {
    native.expectPeer(stackOption(undefined), endpoint, peer);
  }
}

// LKSCTP_METRICS=host:port or port: an endpoint without a line of code. What is wrong
// with it must not end a program that does not ask for it.
/** @param {string | undefined} where */
function listenAsTold(where) {
  if (!where || !isMainThread) return;
  const parts = /^(?:(?:\[(.+)\]|([^:]+)):)?(\d+)$/.exec(where);
  const listening = parts === null ?
    Promise.reject(new Error('it is not of the form host:port')) :
    listen({ host: parts[1] ?? parts[2] ?? DEFAULT_HOST, port: Number(parts[3]) });
  listening.catch((error) => process.emitWarning(
    `LKSCTP_METRICS=${where}: no metrics are served: ${error.message}`,
    { type: 'SctpMetricsWarning', code: error.code }));
}

listenAsTold(process.env.LKSCTP_METRICS);

module.exports = { listen, text, contentType, snapshot, register, expectPeers };
