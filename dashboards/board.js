'use strict';

// A dashboard from rows of panels: what all five have in common.

const dashboard = require('@grafana/grafana-foundation-sdk/dashboard');
const prometheus = require('@grafana/grafana-foundation-sdk/prometheus');
const { alert } = require('./alerts');
const { uids } = require('./config');
const { DATASOURCE, panel } = require('./panels');

const TAG = 'sctp';

// Which variables choose a series, by what the series is of.
const SCOPES = /** @type {const} */ ([
  [/^sctp_(exporter|reactor|host|build)_|^host:/, ['job', 'instance']],
  [/^(endpoint:)?sctp_endpoint_|^endpoint:/, ['job', 'instance', 'endpoint']],
  [/./, ['job', 'instance', 'endpoint', 'peer']],
]);

/**
 * The series of `metric` that the dashboard's variables choose.
 * @param {string} metric @param {...string} matchers
 */
function chosen(metric, ...matchers) {
  const variables = SCOPES.find(([pattern]) => pattern.test(metric))?.[1] ?? [];
  const all = [...variables.map((name) => `${name}=~"$${name}"`), ...matchers];
  return `${metric}{${all.join(', ')}}`;
}

/** A counter's increase a second. @param {string} metric @param {...string} matchers */
function rate(metric, ...matchers) {
  return `rate(${chosen(metric, ...matchers)}[$__rate_interval])`;
}

/**
 * A counter's increase from one point of a graph to the next.
 * @param {string} metric @param {...string} matchers
 */
function increase(metric, ...matchers) {
  return `increase(${chosen(metric, ...matchers)}[$__rate_interval])`;
}

/**
 * What an alert compares with its threshold, of the series chosen.
 * @param {string} name
 */
function compared(name) {
  return alert(name).query.replace(/(?<![\w:])((?:\w+:)?sctp_\w+(?::\w+)?)(?:\{([^}]*)\})?/g,
    (_, metric, matchers) => chosen(metric, ...(matchers ? [matchers] : [])));
}

/** @param {string} name @param {string} query */
function variable(name, query) {
  return new dashboard.QueryVariableBuilder(name)
    .label(name).datasource(DATASOURCE).query(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true).includeAll(true).allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

function variables() {
  const process = 'job=~"$job", instance=~"$instance"';
  return [
    new dashboard.DatasourceVariableBuilder('datasource').label('datasource').type('prometheus'),
    variable('job', 'label_values(sctp_exporter_snapshot_age_seconds, job)'),
    variable('instance', 'label_values(sctp_exporter_snapshot_age_seconds{job=~"$job"}, instance)'),
    variable('endpoint', `label_values(sctp_endpoint_associations{${process}}, endpoint)`),
    variable('peer',
      `label_values(sctp_association_up{${process}, endpoint=~"$endpoint"}, peer)`),
  ];
}

/** @param {string} name @param {string} color @param {string} expr @param {string} title */
function annotation(name, color, expr, title) {
  return new dashboard.AnnotationQueryBuilder()
    .name(name).datasource(DATASOURCE).enable(true).iconColor(color).expr(expr)
    .target(new prometheus.DataqueryBuilder()
      .datasource(DATASOURCE).expr(expr).refId('Anno').range())
    .titleFormat(title).step('30s');
}

function annotations() {
  const change = (/** @type {string} */ metric, /** @type {string} */ events) =>
    `${increase(metric, `event=~"${events}"`)} > 0`;
  return [
    annotation('Association lost', 'red',
      change('sctp_association_changes_total', 'comm_lost|cant_start'), '{{peer}}: {{event}}'),
    annotation('Association restarted', 'purple',
      change('sctp_association_changes_total', 'restart'), '{{peer}}: restart'),
    annotation('Path failed', 'orange',
      change('sctp_path_changes_total', 'unreachable|potentially_failed'),
      '{{peer}} {{address}}: {{event}}'),
  ];
}

/**
 * @param {string} key of the dashboard in config.js
 * @param {string} title @param {string} description
 * @param {Record<string, import('./panels').PanelDescription[]>} rows by their titles
 */
function board(key, title, description, rows) {
  const builder = new dashboard.DashboardBuilder(`SCTP / ${title}`)
    .uid(uids[key]).description(description).tags([TAG]).readonly()
    .tooltip(dashboard.DashboardCursorSync.Crosshair).refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .variables(variables()).annotations(annotations())
    .links([new dashboard.DashboardLinkBuilder('SCTP').type(dashboard.DashboardLinkType.Dashboards)
      .tags([TAG]).includeVars(true).keepTime(true)]);
  let id = 1;
  for (const [name, panels] of Object.entries(rows)) {
    builder.withRow(new dashboard.RowBuilder(name).id(id++));
    for (const description of panels) builder.withPanel(panel(description, id++));
  }
  return builder.build();
}

module.exports = { board, chosen, compared, rate, increase };
