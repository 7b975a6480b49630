'use strict';

// What a refresh of the live page costs the browser: milliseconds of script, and of
// everything its main thread does, for each status it reads.
//
//   node bench/page/refresh.js [--associations 1000] [--seconds 30]

const { parseArgs } = require('node:util');
const { launch, Visit } = require('../../tests/page/browser');
const { FixtureServer } = require('../../tests/page/fixture-server');
const { fleet, goOn } = require('../../tests/page/fleet');

async function main() {
  const { values } = parseArgs({ options: {
    associations: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '30' },
  } });
  const status = fleet(Number(values.associations));
  const server = await new FixtureServer(status).start();
  const browser = await launch();
  const visit = await Visit.open(browser, server.url);
  const debug = await visit.context.newCDPSession(visit.page);
  await debug.send('Performance.enable');
  const read = async () => {
    const { metrics } = await debug.send('Performance.getMetrics');
    /** @param {string} name */
    const of = (name) => metrics.find((one) => one.name === name)?.value ?? NaN;
    return { script: of('ScriptDuration'), task: of('TaskDuration'), heap: of('JSHeapUsedSize') };
  };
  let statuses = 0;
  visit.page.on('response', (answer) => {
    if (answer.url().endsWith('/status.json')) statuses += 1;
  });
  const before = await read();
  for (let second = 0; second < Number(values.seconds); second += 1) {
    goOn(status);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  const after = await read();
  /** @param {number} seconds */
  const each = (seconds) => (seconds * 1000 / statuses).toFixed(1);
  console.log(`${values.associations} associations, ${statuses} refreshes of ` +
    `${(JSON.stringify(status).length / 1000).toFixed(0)} kB: script ${each(after.script - before.script)} ms, ` +
    `main thread ${each(after.task - before.task)} ms each; heap ${(after.heap / 1e6).toFixed(1)} MB`);
  await visit.close();
  await browser.close();
  await server.stop();
}

main();
