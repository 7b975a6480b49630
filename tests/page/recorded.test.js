'use strict';

// The page on what kernel SCTP said while one of two paths failed and came back; record.js
// has recorded it.

const assert = require('node:assert');
const path = require('node:path');
const { it } = require('node:test');
const { launch, Visit } = require('./browser');
const { FixtureServer } = require('./fixture-server');

/** @type {any[]} */
const steps = require('./recorded.json');
const statuses = steps.filter((step) => step.status).map((step) => step.status);

/** As if it were now. @param {any} status */
function current(status) {
  const shift = Date.now() - status.now;
  const moved = structuredClone(status);
  for (const association of moved.associations) association.established += shift;
  moved.started = statuses[0].started;
  return moved;
}

it('shows each state of both paths of an association of the kernel', async (t) => {
  const browser = await launch();
  t.after(() => browser.close());
  const shift = Date.now() - statuses[0].now;
  const server = await new FixtureServer(current(statuses[0])).start();
  const visit = await Visit.open(browser, server.url);
  const { page } = visit;
  await visit.row('stp-north').locator('button').click();
  /** @type {Set<string>} */
  const seen = new Set();
  for (const { event, status } of steps) {
    if (event) {
      server.forward({ ...event, time: event.time + shift });
      continue;
    }
    server.status = current(status);
    const [association] = status.associations;
    const expected = association.paths.map((/** @type {any} */ one) =>
      `${one.primary ? 'primary' : ''}${one.address}${one.stateName.replaceAll('_', ' ')}`);
    seen.add(expected.join(' '));
    await page.waitForFunction((texts) => {
      const chips = [...document.querySelectorAll('.chip')].map((one) => one.textContent);
      return chips.join() === texts.join();
    }, expected);
    // Each is a point of the history.
    await page.waitForResponse((answer) => answer.url().endsWith('/status.json'));
    if (association.paths.some((/** @type {any} */ one) => one.stateName === 'inactive')) {
      await page.screenshot({ path: path.resolve(__dirname, '../../build/test/page/recorded.png') });
    }
  }
  // It was really recorded: both paths active, one failed, both active.
  assert.ok(seen.size >= 2);
  const texts = await page.locator('#events .what').allInnerTexts();
  for (const expected of ['SCTP_ADDR_UNREACHABLE 10.77.1.2', 'SCTP_ADDR_AVAILABLE 10.77.1.2']) {
    assert.ok(texts.some((text) => text.includes(expected)), expected);
  }
  assert.strictEqual(await page.locator('#tile-paths').innerText(), '0');
  assert.strictEqual(await page.locator('tr.detail canvas').count(), 4);
  await visit.close();
  await server.stop();
});
