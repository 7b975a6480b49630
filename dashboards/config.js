'use strict';

// What an installation may want to change, and names that several files need.

module.exports = {
  // Of the scrape job in prometheus.yml; SctpExporterDown looks for it.
  job: 'lksctp',

  // Begins the link of every alert to the runbook: the place where your people can read it.
  runbook: 'dashboards/runbook.md',

  // Stable, so that links and bookmarks survive an import of a newer version.
  /** @type {Record<string, string>} */
  uids: {
    fleet: 'lksctp-fleet',
    association: 'lksctp-association',
    paths: 'lksctp-paths',
    host: 'lksctp-host',
    library: 'lksctp-library',
  },

  // Series of docs/metrics.md that no dashboard shows, each with the reason.
  referenceOnly: {
    sctp_stream_messages_total: 'Exported on request only; one series per stream and direction.',
  },
};
