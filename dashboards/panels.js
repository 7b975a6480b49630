'use strict';

// Panels from plain descriptions, so that all of them look and behave alike.

const bargauge = require('@grafana/grafana-foundation-sdk/bargauge');
const common = require('@grafana/grafana-foundation-sdk/common');
const dashboard = require('@grafana/grafana-foundation-sdk/dashboard');
const heatmap = require('@grafana/grafana-foundation-sdk/heatmap');
const prometheus = require('@grafana/grafana-foundation-sdk/prometheus');
const stat = require('@grafana/grafana-foundation-sdk/stat');
const statetimeline = require('@grafana/grafana-foundation-sdk/statetimeline');
const table = require('@grafana/grafana-foundation-sdk/table');
const timeseries = require('@grafana/grafana-foundation-sdk/timeseries');
const { alert } = require('./alerts');
const { uids } = require('./config');

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

const BUILDERS = {
  bargauge: bargauge.PanelBuilder,
  heatmap: heatmap.PanelBuilder,
  stat: stat.PanelBuilder,
  'state-timeline': statetimeline.PanelBuilder,
  table: table.PanelBuilder,
  timeseries: timeseries.PanelBuilder,
};

/**
 * @typedef {object} PanelDescription
 * @property {keyof typeof BUILDERS} type
 * @property {string} title
 * @property {string} description
 * @property {string} unit as Grafana names units
 * @property {[expression: string, legend: string][]} queries
 * @property {string} [alert] whose threshold is the panel's
 * @property {number} width of 24
 * @property {Record<string, { text: string, color: string }>} [values] words for numbers
 * @property {string} [drillDown] the dashboard, by its key in config.js, that a click leads to
 * @property {boolean} [logarithmic]
 */

const COLORS = { critical: 'red', warning: 'orange', info: 'blue' };

// Words for the numbers of the gauges that are states.
const UP_VALUES = {
  0: { text: 'down', color: 'red' },
  1: { text: 'up', color: 'green' },
};
const ASSOCIATION_STATES = {
  1: { text: 'closed', color: 'red' },
  2: { text: 'cookie wait', color: 'orange' },
  3: { text: 'cookie echoed', color: 'yellow' },
  4: { text: 'established', color: 'green' },
  5: { text: 'shutdown pending', color: 'purple' },
  6: { text: 'shutdown sent', color: 'purple' },
  7: { text: 'shutdown received', color: 'purple' },
  8: { text: 'shutdown ack sent', color: 'purple' },
};
const PATH_STATES = {
  0: { text: 'inactive', color: 'red' },
  1: { text: 'potentially failed', color: 'orange' },
  2: { text: 'active', color: 'green' },
  3: { text: 'unconfirmed', color: 'blue' },
};
const PRIMARY_VALUES = {
  0: { text: 'alternate', color: 'blue' },
  1: { text: 'primary', color: 'green' },
};

/** @param {string | undefined} name of the alert */
function thresholds(name) {
  const builder = new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute);
  if (!name) return builder.steps([{ value: null, color: 'green' }]);
  const { value, op, severity } = alert(name);
  const [below, above] = op === '<' ? [COLORS[severity], 'green'] : ['green', COLORS[severity]];
  return builder.steps([{ value: null, color: below }, { value, color: above }]);
}

/** @param {string} key @param {string} type of the panel */
function drillDownLink(key, type) {
  // In a table labels are fields of their own.
  const labels = type === 'table' ? '__data.fields' : '__field.labels';
  const chosen = ['job', 'instance', 'endpoint', 'peer']
    .map((name) => `var-${name}=\${${labels}.${name}}`);
  return new dashboard.DashboardLinkBuilder(`Open SCTP / ${key}`)
    .type(dashboard.DashboardLinkType.Link)
    .url(`/d/${uids[key]}?\${__url_time_range}&var-datasource=\${datasource}&${chosen.join('&')}`);
}

/** @param {PanelDescription} description @param {[string, string]} query @param {number} index */
function target({ type }, [expr, legend], index) {
  const query = new prometheus.DataqueryBuilder()
    .datasource(DATASOURCE).expr(expr).legendFormat(legend).refId(String.fromCharCode(65 + index));
  if (type === 'table') return query.format(prometheus.PromQueryFormat.Table).instant();
  if (type === 'heatmap') return query.format(prometheus.PromQueryFormat.Heatmap).range();
  if (type === 'stat' || type === 'bargauge') return query.instant();
  return query.range();
}

const LAST = new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']);

/**
 * What only panels of some type have.
 * @type {Record<string, (builder: any, description: PanelDescription) => void>}
 */
const LOOKS = {
  bargauge(builder) {
    builder.orientation(common.VizOrientation.Horizontal)
      .displayMode(common.BarGaugeDisplayMode.Basic).reduceOptions(LAST);
  },
  heatmap(builder) {
    builder.yAxis(new heatmap.YAxisConfigBuilder().unit('s'));
  },
  stat(builder) {
    builder.colorMode(common.BigValueColorMode.Value).graphMode(common.BigValueGraphMode.None)
      .reduceOptions(LAST);
  },
  'state-timeline'(builder) {
    builder.showValue(common.VisibilityMode.Auto).mergeValues(true)
      .legend(new common.VizLegendOptionsBuilder().showLegend(false));
  },
  table(builder) {
    const options = { excludeByName: { Time: true, __name__: true } };
    builder.withTransformation({ id: 'organize', options });
  },
  timeseries(builder, { alert: name, logarithmic }) {
    builder.lineWidth(1).fillOpacity(10).showPoints(common.VisibilityMode.Never)
      .legend(new common.VizLegendOptionsBuilder().showLegend(true)
        .displayMode(common.LegendDisplayMode.List).placement(common.LegendPlacement.Bottom))
      .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi))
      .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(
        name ? common.GraphThresholdsStyleMode.Dashed : common.GraphThresholdsStyleMode.Off));
    if (logarithmic) {
      builder.scaleDistribution(new common.ScaleDistributionConfigBuilder()
        .type(common.ScaleDistribution.Log).log(10));
    }
  },
};

const HEIGHT = { stat: 4 };

/** @param {PanelDescription} description @param {number} id */
function panel(description, id) {
  const { type, title, unit, queries, values, drillDown, width } = description;
  const ends = description.alert ? ` Alert: ${description.alert}.` : '';
  const builder = /** @type {any} */ (new BUILDERS[type]())
    .id(id).title(title).description(description.description + ends)
    .datasource(DATASOURCE).unit(unit).span(width).height(HEIGHT[/** @type {'stat'} */ (type)] ?? 8)
    .thresholds(thresholds(description.alert))
    .targets(queries.map((query, index) => target(description, query, index)));
  // State and thresholds colour these; the lines of a graph have a colour each.
  builder.colorScheme(new dashboard.FieldColorBuilder().mode(
    type === 'timeseries' ? dashboard.FieldColorModeId.PaletteClassic :
      dashboard.FieldColorModeId.Thresholds));
  if (values) {
    const options = Object.entries(values).map(([value, { text, color }], index) =>
      [value, { text, color, index }]);
    builder.mappings([
      { type: dashboard.MappingType.ValueToText, options: Object.fromEntries(options) },
    ]);
  }
  if (drillDown) builder.dataLinks([drillDownLink(drillDown, type)]);
  LOOKS[type](builder, description);
  return builder;
}

module.exports = {
  DATASOURCE, panel, UP_VALUES, ASSOCIATION_STATES, PATH_STATES, PRIMARY_VALUES,
};
