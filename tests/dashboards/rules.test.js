'use strict';

// Rules and alerts as promtool sees them: every alert fires, and stays silent beside that.

const assert = require('node:assert');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, describe, it } = require('node:test');
const yaml = require('yaml');
const { alerts } = require('../../dashboards/alerts');
const cases = require('./alert-cases');
const { bounds, root, table } = require('./series');

const ruleFiles = ['rules.yml', 'alerts.yml'].map((name) =>
  path.join(root, 'dashboards/prometheus', name));
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'lksctp-rules-'));
after(() => fs.rmSync(directory, { recursive: true }));

function promtool(...args) {
  try {
    return execFileSync('promtool', args, { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    // What it says is what a reader needs.
    const said = `${error.stdout ?? ''}${error.stderr ?? error}`;
    throw new Error(`promtool ${args[0]} ${args[1]}: ${said}`);
  }
}

it('promtool finds nothing in the approved scrape', () => {
  const page = fs.readFileSync(path.join(root, 'tests/golden/metrics.prom'));
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
  assert.deepStrictEqual([checked.status, checked.stdout, checked.stderr], [0, '', '']);
});

/** `series` as a scrape job with one more label for its targets gives them. */
const labelled = (series) => Object.fromEntries(Object.entries(series).map(([key, values]) =>
  [key.replace(/}$/, ', env="production"}'), values]));

/** Asks promtool whether exactly one alert with `labels`, or none at all, fires. */
function expectAlert(name, { at, series, labels }) {
  const severity = alerts.find((alert) => alert.name === name).severity;
  const firing = `alertname="${name}", alertstate="firing"`;
  const file = path.join(directory, 'test.yml');
  const fired = { labels: `{${firing}, severity="${severity}", ${labels}}`, value: 1 };
  fs.writeFileSync(file, yaml.stringify({
    rule_files: ruleFiles,
    evaluation_interval: '1m',
    tests: [{
      interval: '1m',
      input_series: Object.entries(series).map(([key, values]) => ({ series: key, values })),
      promql_expr_test: [{
        // One that is made of sums has not got that label.
        expr: `sum without (env) (ALERTS{${firing}})`,
        eval_time: at,
        exp_samples: labels ? [fired] : [],
      }],
    }],
  }));
  promtool('test', 'rules', file);
}

describe('rule files', () => {
  it('pass promtool with all its checks', () => {
    promtool('check', 'rules', '--lint=all', '--lint-fatal', ...ruleFiles);
  });

  it('are where the configuration we ship looks for them', () => {
    const shipped = path.join(root, 'dashboards/provisioning/prometheus/prometheus.yml');
    for (const file of [...ruleFiles, shipped]) {
      fs.copyFileSync(file, path.join(directory, path.basename(file)));
    }
    promtool('check', 'config', path.join(directory, 'prometheus.yml'));
  });

  it('have cases for every alert', () => {
    assert.deepStrictEqual(Object.keys(cases), alerts.map(({ name }) => name));
  });

  it('are tested with series that have the labels of the table, and buckets that there are', () => {
    const [known, buckets] = [table(), bounds()];
    for (const [name, { fires, silent, also = {} }] of Object.entries(cases)) {
      const all = [fires, ...Object.values(silent), ...Object.values(also)];
      for (const key of all.flatMap(Object.keys)) {
        const [, metric, labels] = /^(\w+)\{(.*)\}$/.exec(key);
        const base = metric.replace(/_bucket$/, '');
        const row = known.get(base);
        if (metric === 'up') continue;
        assert.ok(row, `${name}: ${metric}`);
        const ours = Array.from(labels.matchAll(/(\w+)=/g), ([, label]) => label)
          .filter((label) => !['job', 'instance', 'le'].includes(label));
        assert.deepStrictEqual(ours.sort(), [...row.labels].sort(), `${name}: ${key}`);
        const [, le] = /\ble="([^"]+)"/.exec(labels) ?? [];
        assert.ok(le === undefined || buckets.get(base)?.has(le), `${name}: ${key}`);
      }
    }
  });
});

describe('words of alerts', () => {
  for (const { name, summary, description } of alerts) {
    it(`${name} names only labels it has`, () => {
      const used = `${summary} ${description}`.matchAll(/\$labels\.(\w+)/g);
      for (const [, label] of used) {
        assert.match(cases[name].labels, new RegExp(`\\b${label}=`), label);
      }
    });
  }
});

for (const [name, { at, labels, fires, silent, also = {} }] of Object.entries(cases)) {
  describe(name, () => {
    for (const [where, as] of [['', (series) => series], [', targets labelled', labelled]]) {
      it(`fires${where}`, () => expectAlert(name, { at, series: as(fires), labels }));
      for (const [why, series] of Object.entries(also)) {
        it(`fires: ${why}${where}`, () => expectAlert(name, { at, series: as(series), labels }));
      }
      for (const [why, series] of Object.entries(silent)) {
        it(`is silent: ${why}${where}`, () => expectAlert(name, { at, series: as(series) }));
      }
    }
  });
}

it('SctpExporterDown fires when Prometheus knows of no process', () => {
  expectAlert('SctpExporterDown', { at: '10m', series: {}, labels: 'job="lksctp"' });
});
