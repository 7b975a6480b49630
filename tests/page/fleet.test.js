'use strict';

// The page in a browser, on associations with two paths and on a thousand of them: what
// a failure looks like, how it is found, by keyboard and by screen reader too.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, describe, it } = require('node:test');
const axe = require('axe-core');
const { launch, SIZES, Visit } = require('./browser');
const { FixtureServer } = require('./fixture-server');
const { fleet, goOn } = require('./fleet');

/** For a person to look at. */
const screenshots = path.resolve(__dirname, '../../build/test/page');
fs.mkdirSync(screenshots, { recursive: true });

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {FixtureServer} */
let server;
/** @type {Visit} */
let visit;
/** @type {import('playwright-core').Page} */
let page;

/**
 * Serves a status and opens the page, until the test ends.
 * @param {import('node:test').TestContext} t @param {any} status
 * @param {Parameters<typeof Visit.open>[2]} [options]
 */
async function open(t, status, options) {
  server = await new FixtureServer(status).start();
  visit = await Visit.open(browser, server.url, options);
  page = visit.page;
  t.after(async () => {
    await visit.close();
    await server.stop();
  });
}

/** Until the page has read another status. */
async function nextStatus() {
  for (let times = 0; times < 2; times += 1) {
    await page.waitForResponse((answer) => answer.url().endsWith('/status.json'));
  }
}

/** @param {any} status @param {number} index @param {number} pathIndex @param {string} state */
function setPath(status, index, pathIndex, state) {
  const association = status.associations[index];
  association.paths[pathIndex].stateName = state;
  server.send({
    type: 'peer_address_change', associationId: association.id,
    interpreted: `SCTP_PEER_ADDR_CHANGE: ${state} ${association.paths[pathIndex].address}`,
  });
}

/** What can be used and is not come by with Tab. */
async function unreached() {
  const usable = 'a[href], button:enabled, input, select, summary, [tabindex="0"]';
  const amount = await page.locator(usable).count();
  await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
  for (let times = 0; times <= amount; times += 1) {
    await page.keyboard.press('Tab');
    await page.evaluate(() => document.activeElement?.setAttribute('data-reached', ''));
  }
  return page.$$eval(usable, (all) => all.filter((one) => !one.hasAttribute('data-reached'))
    .map((one) => one.outerHTML));
}

describe('the page', () => {
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  describe('twelve associations with two paths', () => {
    it('show a path that fails and comes back, first and in words', async (t) => {
      const status = fleet(12);
      await open(t, status);
      const first = page.locator('tr.association').first();
      await first.locator('.name', { hasText: 'peer-1' }).waitFor();
      setPath(status, 6, 0, 'inactive');
      await first.locator('.name', { hasText: 'peer-7' }).waitFor();
      assert.strictEqual(await first.locator('.badge').innerText(), 'primary path failed');
      assert.deepStrictEqual(await first.locator('.chip').allInnerTexts(),
        ['primary10.1.0.7inactive', '10.2.0.7active']);
      assert.strictEqual(await page.locator('#tile-paths').innerText(), '1');
      assert.strictEqual(await page.locator('#announcements').innerText(),
        'Path 10.1.0.7 of peer-7 failed.');
      await page.locator('#events li', { hasText: 'inactive 10.1.0.7' }).waitFor();
      setPath(status, 6, 0, 'active');
      await first.locator('.name', { hasText: 'peer-1' }).waitFor();
      assert.strictEqual(await page.locator('#announcements').innerText(),
        'Path 10.1.0.7 of peer-7 is back.');
    });

    it('show a change of the primary path, and a path that is added and removed', async (t) => {
      const status = fleet(12);
      await open(t, status);
      const { paths } = status.associations[0];
      [paths[0].primary, paths[1].primary] = [false, true];
      paths.push({ ...paths[0], address: 'fd00::1', stateName: 'unconfirmed' });
      const chips = visit.row('peer-1').first().locator('.chip');
      await chips.nth(2).waitFor();
      assert.deepStrictEqual(await chips.allInnerTexts(),
        ['10.1.0.1active', 'primary10.2.0.1active', 'fd00::1unconfirmed']);
      paths.pop();
      await chips.nth(2).waitFor({ state: 'detached' });
    });

    it('name configured peers that are down, and associations that end leave', async (t) => {
      const status = fleet(12);
      await open(t, status);
      assert.ok(await page.locator('#peers-down').isHidden());
      Object.assign(status.peers[3], { up: false, lastChange: Date.now(), lastClose: 'abort_remote' });
      status.associations.splice(3, 1);
      await page.locator('.peer', { hasText: 'peer-4' }).waitFor();
      assert.match(await page.locator('.peer').innerText(), /signalling: down for .*abort remote/);
      assert.strictEqual(await visit.row('peer-4').count(), 0);
      assert.strictEqual(await page.locator('#tile-peers').innerText(), '1');
      assert.strictEqual(await page.locator('#announcements').innerText(), 'Peer peer-4 is down.');
    });

    it('show throughput and round-trip times as they are', async (t) => {
      const status = fleet(12);
      await open(t, status);
      const traffic = visit.row('peer-2').locator('td:nth-child(5) .number');
      goOn(status);
      await page.waitForFunction(() =>
        /** @type {HTMLElement} */ (document.getElementById('tile-sent')).innerText !== '–');
      const [before] = [await traffic.innerText()];
      assert.match(before, /^[\d.]+ k?B\/s$/);
      await visit.row('peer-2').click();
      const detail = page.locator('tr.detail');
      assert.strictEqual(await detail.locator('canvas').count(), 5);
      await detail.locator('[aria-label^="Retransmissions over ten minutes, now: chunks "]').waitFor();
      delete status.associations[1].statistics;
      await detail.locator('canvas').nth(4).waitFor({ state: 'detached' });
      const label = await detail.locator('[role=img]').first().getAttribute('aria-label');
      const srtt = status.associations[1].paths.map((/** @type {any} */ one) => `${one.address} ${one.srtt} ms`);
      await detail.locator(`[aria-label="SRTT over ten minutes, now: ${srtt.join(', ')}"]`).waitFor();
      assert.match(String(label), /^SRTT over ten minutes, now: 10\.1\.0\.2/);
    });

    it('take names as text, whatever is in them', async (t) => {
      const status = fleet(12);
      await open(t, status);
      const evil = '<img src=x onerror="document.title=1">&amp;';
      status.associations[0].peer = evil;
      server.send({ type: 'abort_requested', associationId: '1', reason: evil });
      await page.locator('.name', { hasText: evil }).waitFor();
      await page.locator('#events li', { hasText: evil }).waitFor();
      assert.strictEqual(await page.locator('img').count(), 0);
      assert.strictEqual(await page.title(), 'SCTP associations');
    });

    it('events are filtered by kind, peer and text, and wait during a pause', async (t) => {
      const status = fleet(12);
      await open(t, status);
      server.send({ type: 'connect_requested', associationId: '90', peer: 'north' });
      server.send({ type: 'association_closed', associationId: '90', reason: 'timeout' });
      server.send({ type: 'shutdown_requested', associationId: '2' });
      server.send({ type: 'traffic_sampled', associationId: '2', sent: { messages: 1, bytes: 2 } });
      const kinds = () => page.locator('#events .kind').allInnerTexts();
      await page.locator('#events li').nth(2).waitFor();
      assert.deepStrictEqual(await kinds(), ['shutdown requested', 'association closed', 'connect requested']);
      await page.getByLabel('Kind').selectOption('*');
      assert.deepStrictEqual((await kinds()).slice(0, 1), ['traffic sampled']);
      await page.getByLabel('Kind').selectOption('association_closed');
      assert.deepStrictEqual(await kinds(), ['association closed']);
      await page.getByLabel('Kind').selectOption('');
      await page.getByLabel('Peer', { exact: true }).fill('north');
      assert.deepStrictEqual(await kinds(), ['association closed', 'connect requested']);
      await page.getByLabel('Text').fill('timeout');
      assert.deepStrictEqual(await kinds(), ['association closed']);
      await page.getByLabel('Peer', { exact: true }).fill('');
      await page.getByLabel('Text').fill('');
      await page.getByRole('button', { name: 'Pause' }).click();
      server.send({ type: 'abort_requested', associationId: '2', reason: 'test' });
      await page.getByRole('button', { name: 'Go on (1 event waiting)' }).click();
      await page.locator('#events .kind', { hasText: 'abort requested' }).waitFor();
    });

    it('a gap in the events is told', async (t) => {
      const status = fleet(12);
      await open(t, status);
      server.send({ type: 'gap', from: 5, to: 9, lost: 5 });
      await page.locator('#events li', { hasText: '5 events have not come' }).waitFor();
    });

    it('a server that is gone is told, and when it is back', async (t) => {
      const status = fleet(12);
      await open(t, status);
      visit.serverMayBeGone = true;
      await visit.row('peer-3').locator('button').click();
      await server.stop();
      await page.locator('#connection', { hasText: 'Disconnected, retrying' }).waitFor();
      assert.match(await page.locator('#stale').innerText(), /^The server is gone\. Below is what was so at/);
      await page.locator('#event-state', { hasText: 'Events do not come' }).waitFor();
      await server.start();
      await page.locator('#connection', { hasText: /^Connected$/ }).waitFor();
      assert.ok(await page.locator('#stale').isHidden());
      await page.locator('#event-state', { hasText: /^$/ }).waitFor({ state: 'attached' });
      server.send({ type: 'shutdown_requested', associationId: '2' });
      await page.locator('#events .kind', { hasText: 'shutdown requested' }).waitFor();
      assert.strictEqual(await page.locator('tr.detail').count(), 1, 'what was open is open');
    });

    it('another process in its place is told, and nothing of before is compared', async (t) => {
      const status = fleet(12);
      await open(t, status);
      server.send({ type: 'shutdown_requested', associationId: '2' });
      await page.locator('#events li').waitFor();
      visit.serverMayBeGone = true;
      await server.stop();
      await page.locator('#connection', { hasText: 'Disconnected' }).waitFor();
      server.status = fleet(2);
      server.status.started += 7;
      server.sent.clear();
      // One of a number that was seen before, and one after it.
      for (const reason of ['first', 'second']) {
        server.send({ type: 'abort_requested', associationId: '1', reason });
      }
      await server.start();
      await page.locator('#announcements', { hasText: 'restarted' }).waitFor();
      assert.strictEqual(await page.locator('tr.association').count(), 2);
      await page.locator('#events li', { hasText: 'reason first' }).waitFor();
      await page.locator('#events li', { hasText: 'reason second' }).waitFor();
      assert.strictEqual(await page.locator('#events li').count(), 3, 'each once');
    });

    it('everything is reached by keyboard', async (t) => {
      const status = fleet(12);
      await open(t, status);
      await page.keyboard.press('Tab');
      assert.strictEqual(await page.evaluate(() => document.activeElement?.className), 'skip');
      await page.keyboard.press('/');
      assert.strictEqual(await page.evaluate(() => document.activeElement?.id), 'search');
      await page.keyboard.type('peer-1');
      await page.locator('#found', { hasText: '4 of 12 associations' }).waitFor();
      await page.keyboard.press('Escape');
      await page.locator('#found', { hasText: /^12 associations$/ }).waitFor();
      for (const focused of ['order', 'only-trouble', 'Table of associations', 'peer-1']) {
        await page.keyboard.press('Tab');
        assert.strictEqual(await page.evaluate(() => {
          const { id, ariaLabel, textContent } = /** @type {HTMLElement} */ (document.activeElement);
          return id || ariaLabel || textContent;
        }), focused);
      }
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      const button = visit.row('peer-2').locator('button');
      assert.strictEqual(await button.getAttribute('aria-expanded'), 'true');
      await page.locator('tr.association:has([aria-expanded=true]) + tr.detail').waitFor();
      // The row moves to the top, and the focus with it.
      setPath(status, 1, 1, 'inactive');
      await page.locator('tr.association').first().locator('.name', { hasText: 'peer-2' }).waitFor();
      assert.ok(await button.evaluate((one) => one === document.activeElement));
      const outline = await button.evaluate((one) => getComputedStyle(one).outlineStyle);
      assert.strictEqual(outline, 'solid', 'the focus is seen');
      await page.keyboard.press('Enter');
      await page.locator('tr.detail').waitFor({ state: 'detached' });
      const missed = await unreached();
      assert.deepStrictEqual(missed, []);
    });
  });

  describe('a thousand associations', () => {
    it('are shown a page at a time, the worst first, and found by a word', async (t) => {
      const status = fleet(1000);
      await open(t, status);
      const names = page.locator('tr.association .name');
      assert.strictEqual(await names.count(), 25);
      assert.strictEqual(await page.locator('#page-number').innerText(), 'Page 1 of 40');
      setPath(status, 776, 1, 'inactive');
      await page.locator('tr.association').first().locator('.name', { hasText: 'peer-777' }).waitFor();
      await page.getByRole('button', { name: 'Next' }).click();
      assert.strictEqual(await names.first().innerText(), 'peer-25');
      await page.getByLabel('Search').fill('10.2.3.250');
      await page.locator('#found', { hasText: '0 of 1000 associations' }).waitFor();
      await page.locator('#no-associations').waitFor();
      await page.getByLabel('Search').fill('10.2.3.249 active');
      await page.locator('#found', { hasText: '1 of 1000 associations' }).waitFor();
      assert.deepStrictEqual(await names.allInnerTexts(), ['peer-999']);
      await page.getByLabel('Search').fill('');
      await page.getByLabel('Only with trouble').check();
      assert.deepStrictEqual(await names.allInnerTexts(), ['peer-777']);
      await page.getByLabel('Only with trouble').uncheck();
      await page.getByLabel('Order').selectOption('newest');
      assert.strictEqual(await names.first().innerText(), 'peer-1');
    });

    it('that are more than the server sends are counted, and so is what they carry', async (t) => {
      const status = fleet(1234);
      await open(t, status);
      const all = page.locator('#tile-associations');
      await all.filter({ hasText: /^1234 of 1234$/ }).waitFor();
      server.unsent = { associations: status.associations.splice(1000), peers: status.peers.splice(1000) };
      await page.locator('#found', { hasText: '1000 associations; 234 more are not sent here' }).waitFor();
      assert.strictEqual(await all.innerText(), '1234 of 1234');
      const tile = page.locator('.tiles > div:has(#tile-associations)');
      assert.strictEqual(await tile.getAttribute('data-level'), '0');
      const { associations, peers } = server.unsent;
      Object.assign(associations[5], { up: false, stateName: 'cookie_wait' });
      Object.assign(peers[6], { up: false });
      associations[7].paths[0].stateName = 'inactive';
      await all.filter({ hasText: /^1233 of 1234$/ }).waitFor();
      assert.strictEqual(await tile.getAttribute('data-level'), '2');
      assert.strictEqual(await page.locator('#tile-paths').innerText(), '1');
      assert.strictEqual(await page.locator('#tile-peers').innerText(), '1');
      await page.locator('#tile-sent', { hasText: /^0 B\/s$/ }).waitFor();
      const sending = setInterval(() => { peers[8].sent.bytes += 1e9; }, 100);
      t.after(() => clearInterval(sending));
      await page.locator('#tile-sent', { hasText: /[kMG]B\/s$/ }).waitFor();
    });
  });

  for (const theme of /** @type {const} */ (['light', 'dark'])) {
    for (const size of /** @type {(keyof typeof SIZES)[]} */ (Object.keys(SIZES))) {
      it(`can be used by everybody: ${theme}, ${size}`, async (t) => {
        const status = fleet(8);
        Object.assign(status.peers[7], { up: false, lastChange: Date.now(), lastClose: 'timeout' });
        status.associations.pop();
        Object.assign(status.associations[5], { up: false, stateName: 'cookie_wait', established: undefined });
        await open(t, status, { theme, size });
        setPath(status, 2, 0, 'inactive');
        setPath(status, 3, 1, 'potentially_failed');
        await visit.row('peer-3').locator('button').click();
        for (let times = 0; times < 2; times += 1) {
          goOn(status);
          await nextStatus();
        }
        await page.locator('.chip[data-state=potentially_failed]').waitFor();
        await page.screenshot({ path: path.join(screenshots, `${theme}-${size}.png`), fullPage: true });
        const found = await new Promise((resolve, reject) => {
          // The policy lets no script in but the page's own: the debugger is not asked.
          page.evaluate(`${axe.source}; axe.run()`).then(resolve, reject);
        });
        const { violations } = /** @type {import('axe-core').AxeResults} */ (found);
        assert.deepStrictEqual(violations.map(({ id, impact, nodes }) =>
          ({ id, impact, nodes: nodes.map((node) => node.html) })), []);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${wide} pixels beyond the side`);
      });
    }
  }

  it('the theme can be chosen, and is kept', async (t) => {
    await open(t, fleet(1), { theme: 'light' });
    const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await back();
    const button = page.getByRole('button', { name: /^Theme/ });
    await button.click();
    assert.strictEqual(await button.innerText(), 'Theme: light');
    await button.click();
    assert.strictEqual(await button.innerText(), 'Theme: dark');
    const dark = await back();
    assert.notStrictEqual(dark, light);
    await page.reload();
    assert.strictEqual(await button.innerText(), 'Theme: dark');
    assert.strictEqual(await back(), dark);
  });
});
