'use strict';

// Debian's Chromium, headless, on the page. What must never happen on any page is watched
// here: an error on the console, an exception, a request to another host.

const assert = require('node:assert');
const { chromium } = require('playwright-core');

/** @typedef {import('playwright-core').Page} Page */

/**
 * A browser for the tests of a file.
 * @returns {Promise<import('playwright-core').Browser>}
 */
const launch = () => chromium.launch({
  executablePath: '/usr/bin/chromium',
  // Root has no sandbox, and is who runs the tests in a container.
  chromiumSandbox: process.getuid?.() !== 0,
});

/** Sizes that the page is made for: a screen and a telephone. */
const SIZES = { wide: { width: 1440, height: 1000 }, narrow: { width: 390, height: 844 } };

class Visit {
  /**
   * @param {import('playwright-core').Browser} browser
   * @param {string} url of the server
   * @param {{ theme?: 'light' | 'dark', size?: keyof typeof SIZES }} [options]
   */
  static async open(browser, url, { theme = 'light', size = 'wide' } = {}) {
    const context = await browser.newContext({ colorScheme: theme, viewport: SIZES[size] });
    const visit = new Visit(context, await context.newPage(), new URL(url).origin);
    await visit.page.goto(`${url}/status`);
    await visit.page.locator('#connection', { hasText: 'Connected' }).waitFor();
    return visit;
  }

  /** @param {import('playwright-core').BrowserContext} context @param {Page} page @param {string} origin */
  constructor(context, page, origin) {
    this.context = context;
    this.page = page;
    /** @type {string[]} */
    this.errors = [];
    /** A server that is gone is an error of the network, which the browser prints. */
    this.serverMayBeGone = false;
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      const network = /Failed to load resource: net::ERR_|net::ERR_INCOMPLETE/.test(message.text());
      if (message.type() === 'error' && !(network && this.serverMayBeGone)) {
        this.errors.push(message.text());
      }
    });
    page.on('request', (request) => {
      if (request.url().startsWith('data:')) return;
      if (new URL(request.url()).origin !== origin) this.errors.push(`asks ${request.url()}`);
    });
  }

  /** The table's line of an association with that peer. @param {string} peer */
  row(peer) {
    return this.page.locator('tr.association', { has: this.page.locator('.name', { hasText: peer }) });
  }

  /** Ends, and fails when something happened that must not. */
  async close() {
    await this.context.close();
    assert.deepStrictEqual(this.errors, []);
  }
}

module.exports = { launch, Visit, SIZES };
