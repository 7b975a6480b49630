'use strict';

// Serves the page as the library does, with a status and events that a test sets: for
// what a machine without kernel SCTP cannot show, several paths and a thousand
// associations. What the real server serves is tested with the demo.

const http = require('node:http');
const { once } = require('node:events');
const { livePage } = require('./built');
const { withTotals } = require('./fleet');

class FixtureServer {
  /** @param {any} status as /status.json has it */
  constructor(status) {
    this.status = status;
    /** What is there and beyond the limit of what is sent. @type {{ associations: any[], peers: any[] }} */
    this.unsent = { associations: [], peers: [] };
    /** @type {Set<http.ServerResponse>} */
    this.readers = new Set();
    /** Events by their number in the log. @type {Map<number, string>} */
    this.sent = new Map();
    this.server = http.createServer((request, response) => this.answer(request, response));
    this.port = 0;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Also after `stop`, and then on the same port. */
  async start() {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = /** @type {import('node:net').AddressInfo} */ (this.server.address()).port;
    return this;
  }

  async stop() {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /** The next event of the log. @param {{ type: string, [member: string]: any }} event */
  send(event) {
    this.status.seq += 1;
    this.forward({ v: 1, seq: this.status.seq, time: this.status.now, endpointId: '1',
      associationId: '0', ...event });
  }

  /** As it is. @param {any} logged */
  forward(logged) {
    const text = `id: ${logged.seq}\nevent: ${logged.type}\ndata: ${JSON.stringify(logged)}\n\n`;
    this.sent.set(logged.seq, text);
    for (const reader of this.readers) reader.write(text);
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  answer(request, response) {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    if (pathname === '/status') {
      const { html, policy } = livePage();
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.setHeader('Content-Security-Policy', policy);
      response.end(html);
    } else if (pathname === '/status.json') {
      Object.assign(this.status, { now: Date.now(), monotonic: performance.now() });
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(withTotals(this.status, this.unsent)));
    } else if (pathname === '/events') {
      response.setHeader('Content-Type', 'text/event-stream');
      const { started, seq } = this.status;
      const since = Number(searchParams.get('since'));
      // In one piece, as it may come.
      response.write([`event: hello\ndata: ${JSON.stringify({ format: 1, started, seq })}\n\n`,
        ...[...this.sent].filter(([one]) => one > since).map(([, text]) => text)].join(''));
      this.readers.add(response);
      response.on('close', () => this.readers.delete(response));
    } else {
      response.statusCode = 404;
      response.end();
    }
  }
}

module.exports = { FixtureServer };
