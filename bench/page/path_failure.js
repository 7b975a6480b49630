'use strict';

// How long it takes until a person sees that a path has failed, or is back: milliseconds
// from the event, as the SCTP loop has stamped it, until the page has drawn the state.
//
//   node bench/page/path_failure.js [--times 10]

const { parseArgs } = require('node:util');
const { launch, Visit } = require('../../tests/page/browser');
const { Demo, freePort } = require('../../tests/page/demo');

/** In the page: when each state of a path was drawn first. */
function watchChips() {
  const drawn = /** @type {any} */ (window).drawn = /** @type {any[]} */ ([]);
  let before = '';
  new MutationObserver(() => {
    const state = document.querySelector('.chip')?.getAttribute('data-state') ?? '';
    if (state === before) return;
    before = state;
    requestAnimationFrame(() => drawn.push({ state, at: Date.now() }));
  }).observe(document.body, { subtree: true, attributes: true, childList: true });
}

async function main() {
  const { values } = parseArgs({ options: { times: { type: 'string', default: '10' } } });
  const demo = await new Demo(await freePort()).start();
  const browser = await launch();
  const visit = await Visit.open(browser, demo.url);
  await visit.page.evaluate(watchChips);
  const chip = visit.row('peer').locator('.chip');
  const { peer } = demo;
  for (let time = 0; time < Number(values.times); time += 1) {
    await chip.and(visit.page.locator('[data-state=active]')).waitFor();
    process.kill(peer, 'SIGSTOP');
    await chip.and(visit.page.locator('[data-state=inactive]')).waitFor();
    process.kill(peer, 'SIGCONT');
  }
  await chip.and(visit.page.locator('[data-state=active]')).waitFor();
  const drawn = await visit.page.evaluate(() => /** @type {any} */ (window).drawn);
  const events = await logged(demo.url);
  await visit.close();
  await browser.close();
  await demo.stop();
  for (const [name, state] of [['SCTP_ADDR_UNREACHABLE', 'inactive'], ['SCTP_ADDR_AVAILABLE', 'active']]) {
    const delays = events.filter((event) => event.interpreted?.includes(name)).map(({ time }) => {
      const seen = drawn.find((/** @type {any} */ one) => one.state === state && one.at >= time);
      return seen ? Math.round(seen.at - time) : NaN;
    });
    const sorted = delays.filter(Number.isFinite).sort((a, b) => a - b);
    console.log(`${name}: median ${sorted[Math.floor(sorted.length / 2)]} ms, ` +
      `worst ${sorted.at(-1)} ms of ${sorted.length}`);
  }
}

/** Events that the server has kept. @param {string} url @returns {Promise<any[]>} */
async function logged(url) {
  const { EventStreamParser } = await import('../../metrics/http/page/src/sse.mjs');
  const { body } = await fetch(`${url}/events?since=0&kind=peer_address_change`);
  /** @type {any[]} */
  const events = [];
  const parser = new EventStreamParser(({ event, data }) => {
    if (event !== 'hello') events.push(JSON.parse(data));
  });
  const reader = /** @type {ReadableStream<Uint8Array>} */ (body).getReader();
  const decoder = new TextDecoder();
  // `hello` and what was kept come together, or one right after the other.
  for (let reads = 0; reads < 2 && events.length === 0; reads += 1) {
    const { value } = await reader.read();
    parser.add(decoder.decode(value, { stream: true }));
  }
  await reader.cancel();
  return events;
}

main();
