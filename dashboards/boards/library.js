'use strict';

// The library itself: whether what the other dashboards show can be believed.

const { board, chosen, compared, increase, rate } = require('../board');

const instance = '{{instance}}';

module.exports = board('library', 'Library',
  'The library itself: whether its loop keeps up and the other dashboards can be believed.', {
    'Loop': [
      {
        type: 'timeseries', width: 12, unit: 's', title: 'Loop lag',
        description: 'How late the slowest hundredth of the sampling timers ran.',
        alert: 'SctpReactorLag',
        queries: [['histogram_quantile(0.99, sum by (job, instance, le) ' +
          `(${rate('sctp_reactor_loop_lag_seconds_bucket')}))`, instance]],
      },
      {
        type: 'heatmap', width: 12, unit: 'short', title: 'Loop lag, all of it',
        description: 'How many sampling timers ran how late.',
        queries: [[`sum by (le) (${increase('sctp_reactor_loop_lag_seconds_bucket')})`, '{{le}}']],
      },
      {
        type: 'timeseries', width: 12, unit: 'percentunit', title: 'Loop busy',
        description: 'Processor time of the loop\'s thread, a second; at 100 % it cannot keep up.',
        queries: [[rate('sctp_reactor_loop_busy_seconds_total'), instance]],
      },
      {
        type: 'timeseries', width: 12, unit: 'short', title: 'Loop turns',
        description: 'Turns of the SCTP loop that had work, a second.',
        queries: [[rate('sctp_reactor_loop_turns_total'), instance]],
      },
    ],
    'Journal': [
      {
        type: 'timeseries', width: 8, unit: 'none', title: 'Journal is written',
        description: '1 while the journal can be written, 0 while its commits fail.',
        alert: 'SctpJournalFailing',
        queries: [[chosen('sctp_journal_up'), instance]],
      },
      {
        type: 'timeseries', width: 8, unit: 'none', title: 'Gaps of the journal',
        description: 'Runs of events that were not kept because the queue was full.',
        alert: 'SctpJournalGap',
        queries: [[compared('SctpJournalGap'), instance]],
      },
      {
        type: 'timeseries', width: 8, unit: 'none', title: 'Events the journal does not have',
        description: 'Events lost in gaps, a second.',
        queries: [[rate('sctp_journal_lost_events_total'), instance]],
      },
      {
        type: 'timeseries', width: 8, unit: 'none', title: 'Events that wait for the disk',
        description: 'Length of the queue of the journal.',
        queries: [[chosen('sctp_journal_queued_events'), instance]],
      },
      {
        type: 'timeseries', width: 8, unit: 'none', title: 'Events written',
        description: 'Events committed to the journal, a second.',
        queries: [[rate('sctp_journal_written_events_total'), instance]],
      },
      {
        type: 'stat', width: 8, unit: 'none', title: 'Last event on disk',
        description: 'Number of the last event that is safe on disk.',
        queries: [[chosen('sctp_journal_durable_seq'), instance]],
      },
      {
        type: 'heatmap', width: 8, unit: 'short', title: 'Time of commits',
        description: 'Time until a group of events was safe on disk.',
        queries: [[`sum by (le) (${increase('sctp_journal_commit_duration_seconds_bucket')})`,
          '{{le}}']],
      },
      {
        type: 'timeseries', width: 8, unit: 'none', title: 'Commits that failed',
        description: 'Commits that failed and were tried again, a second.',
        queries: [[rate('sctp_journal_failed_commits_total'), instance]],
      },
      {
        type: 'timeseries', width: 8, unit: 'bytes', title: 'Size of the journal',
        description: 'Size of all parts of the journal.',
        queries: [[chosen('sctp_journal_size_bytes'), instance]],
      },
    ],
    'Metrics': [
      {
        type: 'timeseries', width: 12, unit: 's', title: 'Snapshot age',
        description: 'How old what a scrape shows is.', alert: 'SctpSnapshotStale',
        queries: [[chosen('sctp_exporter_snapshot_age_seconds'), instance]],
      },
      {
        type: 'timeseries', width: 12, unit: 'short', title: 'Notifications',
        description: 'Notifications of the stack by type, a second.',
        queries: [[`sum by (type) (${rate('sctp_reactor_notifications_total')})`, '{{type}}']],
      },
      {
        type: 'timeseries', width: 12, unit: 'short', title: 'Events',
        description: 'Events of the log by kind, a second: what the library works through.',
        queries: [[`sum by (kind) (${rate('sctp_reactor_events_total')})`, '{{kind}}']],
      },
      {
        type: 'timeseries', width: 12, unit: 'short', title: 'Decode errors',
        description: 'Notifications that do not decode, and messages beyond the bound, a second.',
        alert: 'SctpDecodeErrors',
        queries: [[compared('SctpDecodeErrors'), '{{instance}} {{endpoint}} {{reason}}']],
      },
      {
        type: 'heatmap', width: 12, unit: 'short', title: 'Time of sampling',
        description: 'Time of the loop that sampling all associations once took.',
        queries: [[`sum by (le) (${increase('sctp_exporter_poll_duration_seconds_bucket')})`,
          '{{le}}']],
      },
      {
        type: 'timeseries', width: 12, unit: 'short', title: 'Reads that failed',
        description: 'Reads of status, paths, addresses and counters that the stack refused, ' +
          'a second.',
        queries: [[rate('sctp_exporter_poll_errors_total'), `${instance} {{operation}}`]],
      },
      {
        type: 'timeseries', width: 8, unit: 's', title: 'Scrape duration',
        description: 'Time until the text of a scrape was ready.',
        queries: [[chosen('sctp_exporter_scrape_duration_seconds'), instance]],
      },
      {
        type: 'timeseries', width: 8, unit: 'bytes', title: 'Scrape size',
        description: 'Size of the text of a scrape, not compressed.',
        queries: [[chosen('sctp_exporter_scrape_size_bytes'), instance]],
      },
      {
        type: 'timeseries', width: 8, unit: 'none', title: 'Series',
        description: 'Series of a scrape.',
        queries: [[chosen('sctp_exporter_series'), instance]],
      },
      {
        type: 'timeseries', width: 8, unit: 'none', title: 'Peers without series',
        description: 'Peers that share series because there are more than the exporter takes.',
        alert: 'SctpCardinalityGuardActive',
        queries: [[chosen('sctp_exporter_dropped_peers'), `${instance} {{endpoint}}`]],
      },
      {
        type: 'stat', width: 8, unit: 's', title: 'Uptime',
        description: 'Time since the exporter started: counters begin there.',
        queries: [[chosen('sctp_exporter_uptime_seconds'), instance]],
      },
      {
        type: 'table', width: 8, unit: 'none', title: 'Versions',
        description: 'Versions of this library and of libevent.',
        queries: [[chosen('sctp_build_info'), '']],
      },
    ],
  });
