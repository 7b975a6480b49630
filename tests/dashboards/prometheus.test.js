'use strict';

// Every query of every panel, annotation, rule and alert runs in a real Prometheus on the
// metrics of real associations, and returns something.

const assert = require('node:assert');
const { after, before, describe, it } = require('node:test');
const { alerts } = require('../../dashboards/alerts');
const rules = require('../../dashboards/rules');
const { runScenario } = require('./scenario');
const { boards, panels } = require('./series');

// What the demo does not have, with its one peer on usrsctp; the golden scrape has it.
const ONLY_GOLDEN = [
  /sctp_association_up\{.*\} < 1/, // it reconnects between two scrapes
  /event=~"restart"/, // its peer restarts as a new process, with a new association
  /sctp_host_|host:/, // it runs on usrsctp: the kernel counts nothing
  /remote_errors/, // its peer sends none
  /sctp_journal_/, // it writes none
  // usrsctp does not count:
  /association_(received|sent)_(packets|data_chunks|control_chunks|sacks)/,
  /association_(retransmitted|abandoned|duplicate)_chunks|gap_acks|out_of_sequence|max_rto/,
  /peer:sctp_retransmit/,
];

/** As Grafana fills it in. */
function filledIn(expr, instance) {
  return expr
    .replaceAll('$__rate_interval', '5s').replaceAll('$__range', '1m')
    .replaceAll('$instance', instance.replaceAll('.', '\\\\.'))
    .replace(/\$(job|endpoint|peer)/g, '.*');
}

const stack = [];
let scenario;
before(async () => {
  scenario = await runScenario(stack);
});
after(async () => {
  for (const end of stack.reverse()) await end();
});

async function returnsData(expr) {
  const instance = ONLY_GOLDEN.some((of) => of.test(expr)) ? scenario.golden : scenario.demo;
  const query = filledIn(expr, instance);
  assert.notStrictEqual((await scenario.query(query)).length, 0, `no data: ${query}`);
}

for (const [file, board] of boards()) {
  describe(`dashboard ${file}`, () => {
    for (const { title, targets } of panels(board)) {
      it(title, async () => {
        for (const { expr } of targets) await returnsData(expr);
      });
    }
  });
}

describe('annotations', () => {
  const [board] = boards().values();
  for (const { name, target } of board.annotations.list) {
    it(name, () => returnsData(target.expr));
  }
});

describe('rules', () => {
  it('are evaluated without an error', async () => {
    const evaluated = await scenario.rules();
    assert.strictEqual(evaluated.length, rules.length + alerts.length);
    for (const { name, health, lastError } of evaluated) {
      assert.strictEqual(health, 'ok', `${name}: ${lastError}`);
    }
  });

  for (const { record } of rules) it(record, () => returnsData(record));
  for (const { name, query } of alerts) it(`${name} has a value`, () => returnsData(query));
});
