'use strict';

// What the tests know: the table of series, and what the dashboards and rules ask for.

const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');

/** Name, type and labels of every series of docs/metrics.md. */
function table() {
  const page = fs.readFileSync(path.join(root, 'docs/metrics.md'), 'utf8');
  const rows = page.matchAll(/^\| `(sctp_\w+)` \| (\w+) \|[^|]*\|([^|]*)\|/gm);
  return new Map(Array.from(rows, ([, name, type, labels]) =>
    [name, { type, labels: Array.from(labels.matchAll(/`(\w+)`/g), ([, label]) => label) }]));
}

/** The bounds that every histogram of a real page has, by its name. */
function bounds() {
  const page = fs.readFileSync(path.join(root, 'tests/golden/metrics.prom'), 'utf8');
  const known = new Map();
  for (const [, name, le] of page.matchAll(/^(sctp_\w+)_bucket\{.*\ble="([^"]+)"/gm)) {
    known.set(name, (known.get(name) ?? new Set()).add(le));
  }
  return known;
}

/** The dashboards as they are committed, by their file names. */
function boards() {
  const directory = path.join(root, 'dashboards/grafana');
  return new Map(fs.readdirSync(directory).map((name) =>
    [name, JSON.parse(fs.readFileSync(path.join(directory, name), 'utf8'))]));
}

/** Without rows. */
function panels(board) {
  return board.panels.filter((panel) => panel.type !== 'row');
}

/** Metrics that an expression names, as the table names them. */
function metricsIn(expression) {
  const names = expression.match(/(?<![\w:])sctp_\w+/g) ?? [];
  return names.map((name) => name.replace(/_(bucket|sum|count)$/, (suffix) =>
    table().has(name) ? suffix : ''));
}

/** Names that recording rules have made. */
function recordedIn(expression) {
  return expression.match(/\w+:\w+:\w+/g) ?? [];
}

module.exports = { root, table, bounds, boards, panels, metricsIn, recordedIn };
