'use strict';

// What the tests of metrics share.

const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');

/** Series and values, labels in order. @param {string} page */
function samplesOf(page) {
  const samples = new Map();
  for (const line of page.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    samples.set(`${name}{${labels.match(/\w+="(?:[^"\\]|\\.)*"/g)?.sort().join() ?? ''}}`,
      Number(value.replace('Inf', 'Infinity')));
  }
  return samples;
}

/** @param {string} url @returns {Promise<{ status: number, type: string, body: string }>} */
async function get(url) {
  const [response] = await once(http.get(url, { agent: false }), 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, type: response.headers['content-type'], body };
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}

module.exports = { samplesOf, get, freePort };
