#!/usr/bin/env node
'use strict';

const { diagnose, format } = require('../lib/doctor');

const USAGE = `lksctp doctor [--json]    which SCTP stacks serve here, and cures for what does not`;

async function main() {
  const [command, ...flags] = process.argv.slice(2);
  if (command !== 'doctor' || flags.some((flag) => flag !== '--json')) {
    console.error(USAGE);
    process.exitCode = command === '--help' || command === '-h' ? 0 : 2;
    return;
  }
  const report = await diagnose();
  console.log(flags.includes('--json') ? JSON.stringify(report, null, 2) : format(report));
  process.exitCode = report.auto === null ? 1 : 0;
}

main();
