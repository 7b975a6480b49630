'use strict';

// The conventions of dashboards/README.md, kept.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { describe, it } = require('node:test');
const units = require('@grafana/grafana-foundation-sdk/units');
const { alerts, expression } = require('../../dashboards/alerts');
const { uids, referenceOnly } = require('../../dashboards/config');
const { files } = require('../../dashboards/generate');
const rules = require('../../dashboards/rules');
const thresholds = require('../../dashboards/thresholds');
const { root, table, boards, panels, metricsIn, recordedIn } = require('./series');

const PANEL_TYPES = ['stat', 'timeseries', 'table', 'state-timeline', 'heatmap', 'bargauge'];
const VARIABLES = ['datasource', 'job', 'instance', 'endpoint', 'peer'];
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const series = table();

/** The alert whose threshold the panel shows. */
function alertOf(panel) {
  const name = /Alert: (\w+)\.$/.exec(panel.description)?.[1];
  return alerts.find((alert) => alert.name === name);
}

function windowsIn(expr) {
  return expr.match(/(?<=\[)[^\]]+(?=\])/g) ?? [];
}

function everyPanel() {
  return Array.from(boards(), ([file, board]) =>
    panels(board).map((panel) => [`${file}: ${panel.title}`, panel])).flat();
}

function everyQuery() {
  const ofPanels = everyPanel().flatMap(([name, panel]) =>
    panel.targets.map(({ expr }) => [name, expr]));
  const ofAnnotations = Array.from(boards(), ([file, board]) =>
    board.annotations.list.map(({ name, target }) => [`${file}: ${name}`, target.expr])).flat();
  return [...ofPanels, ...ofAnnotations];
}

function everyExpression() {
  return [
    ...everyQuery(),
    ...alerts.map((alert) => [alert.name, expression(alert)]),
    ...rules.map(({ record, expr }) => [record, expr]),
  ];
}

describe('generated files', () => {
  it('are what the sources make', () => {
    for (const [name, text] of files()) {
      assert.strictEqual(fs.readFileSync(path.join(root, 'dashboards', name), 'utf8'), text, name);
    }
  });

  it('are all there is', () => {
    const there = ['grafana', 'prometheus'].flatMap((directory) =>
      fs.readdirSync(path.join(root, 'dashboards', directory))
        .map((name) => `${directory}/${name}`));
    assert.deepStrictEqual(there.sort(), [...files().keys()].sort());
  });
});

for (const [file, board] of boards()) {
  describe(`dashboard ${file}`, () => {
    it('has what a dashboard has', () => {
      assert.match(board.title, /^SCTP \/ \w+$/);
      assert.match(board.description, /\.$/);
      assert.ok(Object.values(uids).includes(board.uid));
      assert.deepStrictEqual(board.tags, ['sctp']);
      assert.strictEqual(board.editable, false);
      assert.deepStrictEqual(board.templating.list.map(({ name }) => name), VARIABLES);
      const [link] = board.links;
      assert.deepStrictEqual([link.type, link.tags, link.includeVars, link.keepTime],
        ['dashboards', ['sctp'], true, true]);
      assert.deepStrictEqual(board.annotations.list.map(({ name }) => name),
        ['Association lost', 'Association restarted', 'Path failed']);
    });

    it('has panels that can be told apart and do not overlap', () => {
      const shown = panels(board);
      assert.strictEqual(new Set(board.panels.map(({ id }) => id)).size, board.panels.length);
      assert.strictEqual(new Set(shown.map(({ title }) => title)).size, shown.length);
      const cells = new Set();
      for (const { title, gridPos: { x, y, w, h } } of board.panels) {
        assert.ok(x + w <= 24, `${title} ends at column ${x + w}`);
        for (let i = 0; i < w * h; i += 1) {
          const cell = `${x + (i % w)},${y + Math.floor(i / w)}`;
          assert.ok(!cells.has(cell), `${title} covers ${cell}`);
          cells.add(cell);
        }
      }
    });
  });
}

describe('panels', () => {
  it('have title, description, unit and data source', () => {
    for (const [name, panel] of everyPanel()) {
      assert.ok(PANEL_TYPES.includes(panel.type), `${name}: ${panel.type}`);
      assert.ok(panel.title);
      assert.match(panel.description, /^\S.*\.$/, name);
      assert.ok(Object.values(units).includes(panel.fieldConfig.defaults.unit), name);
      assert.ok(panel.targets.length > 0, name);
      for (const { datasource } of [panel, ...panel.targets]) {
        assert.deepStrictEqual(datasource, DATASOURCE, name);
      }
    }
  });

  it('have the threshold of the alert they name, and none of their own', () => {
    for (const [name, panel] of everyPanel()) {
      const values = panel.fieldConfig.defaults.thresholds.steps.map(({ value }) => value);
      const alert = alertOf(panel);
      assert.deepStrictEqual(values, alert ? [null, thresholds[alert.name].value] : [null], name);
      assert.strictEqual(/Alert:/.test(panel.description), alert !== undefined, name);
    }
  });

  it('link to dashboards that exist', () => {
    const known = Object.values(uids);
    for (const [name, panel] of everyPanel()) {
      for (const { url } of panel.fieldConfig.defaults.links ?? []) {
        assert.ok(known.includes(/^\/d\/([\w-]+)\?/.exec(url)?.[1]), `${name}: ${url}`);
      }
    }
  });

  it('have a rate over $__rate_interval, or over the window of the alert they show', () => {
    for (const [name, panel] of everyPanel()) {
      const ofAlert = windowsIn(alertOf(panel)?.query ?? '');
      for (const { expr, instant } of panel.targets) {
        for (const window of windowsIn(expr)) {
          assert.ok(window === '$__rate_interval' || (instant && window === '$__range') ||
            ofAlert.includes(window), `${name}: [${window}]`);
        }
      }
    }
  });
});

describe('queries', () => {
  it('choose what the variables say', () => {
    for (const [name, expr] of everyQuery()) {
      const selectors = expr.match(/(?<![\w:])(\w+:)?(sctp_\w+|up)(:\w+)?(\{[^}]*\})?/g);
      for (const selector of selectors) {
        assert.match(selector, /\{job=~"\$job", instance=~"\$instance"/, `${name}: ${selector}`);
      }
    }
  });

  it('ask a counter for its increase, and only a counter', () => {
    for (const [name, expr] of everyExpression()) {
      for (const [, before, metric] of expr.matchAll(/(\w+\()?(?<![\w:])(sctp_\w+)(?![\w:])/g)) {
        const [known] = metricsIn(metric);
        const counts = series.get(known)?.type !== 'gauge';
        assert.strictEqual(/^(rate|increase)\($/.test(before ?? ''), counts, `${name}: ${metric}`);
      }
    }
  });

  it('use only series of the table and of the recording rules', () => {
    const made = rules.map(({ record }) => record);
    for (const [name, expr] of everyExpression()) {
      for (const metric of metricsIn(expr)) assert.ok(series.has(metric), `${name}: ${metric}`);
      for (const record of recordedIn(expr)) assert.ok(made.includes(record), `${name}: ${record}`);
    }
  });

  it('show every series, but for those that are left out for a reason', () => {
    const recorded = new Map(rules.map(({ record, expr }) => [record, expr]));
    const shown = new Set(everyQuery().flatMap(([, expr]) =>
      [expr, ...recordedIn(expr).map((record) => recorded.get(record))]).flatMap(metricsIn));
    const missing = Array.from(series.keys()).filter((name) => !shown.has(name));
    assert.deepStrictEqual(missing, Object.keys(referenceOnly));
    for (const [name, reason] of Object.entries(referenceOnly)) assert.match(reason, /\.$/, name);
  });
});

describe('rules and alerts', () => {
  it('have a threshold each, with a reason, and a panel that shows it', () => {
    assert.deepStrictEqual(Object.keys(thresholds), alerts.map(({ name }) => name));
    const shown = new Set(everyPanel().map(([, panel]) => alertOf(panel)?.name));
    for (const { name } of alerts) {
      assert.match(thresholds[name].why, /\.$/, name);
      assert.ok(shown.has(name), `no panel shows ${name}`);
    }
  });

  it('tell what it is, and where to read what to do', () => {
    const runbook = fs.readFileSync(path.join(root, 'dashboards/runbook.md'), 'utf8');
    const sections = Array.from(runbook.matchAll(/^## (.*)$/gm), ([, title]) => title);
    assert.deepStrictEqual(sections, alerts.map(({ name }) => name));
    for (const { name, severity, summary, description } of alerts) {
      assert.match(name, /^Sctp[A-Z]/);
      assert.ok(['critical', 'warning', 'info'].includes(severity), name);
      assert.match(summary, /[^.]$/, name);
      assert.match(description, /\.$/, name);
    }
  });

  it('are recorded because something asks for them', () => {
    const asked = [...everyQuery().map(([, expr]) => expr), ...alerts.map(expression)]
      .flatMap(recordedIn);
    for (const { record } of rules) {
      assert.match(record, /^(endpoint|peer|path|host):sctp_\w+:\w+$/);
      assert.ok(asked.includes(record), record);
    }
  });
});
