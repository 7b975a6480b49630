'use strict';

// The page on a real server with a real association: the demo's, on usrsctp.

const assert = require('node:assert');
const { after, before, describe, it } = require('node:test');
const { livePage } = require('./built');
const { launch, Visit } = require('./browser');
const { Demo, freePort } = require('./demo');

describe('the demo', () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  /** @type {Demo} */
  let demo;
  /** @type {number} */
  let port;
  before(async () => {
    browser = await launch();
    port = await freePort();
    demo = await new Demo(port).start();
  });
  after(async () => {
    await browser.close();
    await demo.stop();
  });

  it('serves the page with its policy, and leads to it', async () => {
    const { html, policy } = livePage();
    const answer = await fetch(`${demo.url}/`);
    assert.strictEqual(new URL(answer.url).pathname, '/status');
    assert.strictEqual(await answer.text(), html);
    assert.strictEqual(answer.headers.get('content-security-policy'), policy);
    assert.strictEqual(answer.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.strictEqual(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.strictEqual((await fetch(`${demo.url}/status`, { method: 'POST' })).status, 405);
  });

  it('shows its association, what flows, and what has happened before', async () => {
    const visit = await Visit.open(browser, demo.url);
    const row = visit.row('peer');
    await row.locator('.badge', { hasText: 'established' }).waitFor();
    assert.strictEqual(await row.locator('.chip').innerText(), 'primary127.0.0.1active');
    await row.locator('td:nth-child(5) .number', { hasText: /^[\d.]+ k?B\/s$/ }).waitFor();
    await visit.page.locator('#events li', { hasText: 'SCTP_COMM_UP' }).waitFor();
    await visit.page.locator('#endpoints tr', { hasText: 'usrsctp' }).waitFor();
    await row.locator('button').click();
    await visit.page.locator('tr.detail canvas').nth(3).waitFor();
    await visit.close();
  });

  it('a path that fails and recovers is seen', async () => {
    const visit = await Visit.open(browser, demo.url);
    const chip = visit.row('peer').locator('.chip');
    await chip.and(visit.page.locator('[data-state=active]')).waitFor();
    const { peer } = demo;
    process.kill(peer, 'SIGSTOP');
    try {
      await chip.and(visit.page.locator('[data-state=inactive]')).waitFor();
      await visit.page.locator('#announcements', { hasText: 'Path 127.0.0.1 of peer failed.' })
        .waitFor({ state: 'attached' });
      assert.strictEqual(await visit.row('peer').locator('.badge').innerText(), 'path failed');
      await visit.page.locator('#events li', { hasText: 'SCTP_ADDR_UNREACHABLE' }).waitFor();
    } finally {
      process.kill(peer, 'SIGCONT');
    }
    await chip.and(visit.page.locator('[data-state=active]')).waitFor();
    await visit.page.locator('#events li', { hasText: 'SCTP_ADDR_AVAILABLE' }).waitFor();
    await visit.close();
  });

  it('that is killed is missed, and its successor is found', async () => {
    const visit = await Visit.open(browser, demo.url);
    const { page } = visit;
    await page.locator('#events li', { hasText: 'SCTP_COMM_UP' }).waitFor();
    visit.serverMayBeGone = true;
    await demo.kill();
    await page.locator('#connection', { hasText: 'Disconnected, retrying' }).waitFor();
    demo = await new Demo(port).start();
    await page.locator('#connection', { hasText: /^Connected$/ }).waitFor();
    await page.locator('#announcements', { hasText: 'restarted' }).waitFor({ state: 'attached' });
    await visit.row('peer').locator('.badge', { hasText: 'established' }).waitFor();
    await page.locator('#event-state', { hasText: /^$/ }).waitFor({ state: 'attached' });
    await page.locator('#events li', { hasText: 'SCTP_COMM_UP' }).nth(1).waitFor();
    await visit.close();
  });
});
