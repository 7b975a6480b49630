#!/usr/bin/env node
'use strict';

// Writes grafana/*.json and prometheus/*.yml. With --check nothing is written: it fails,
// with the names, when what is there is not what would be written.

const fs = require('node:fs');
const path = require('node:path');
const yaml = require('yaml');
const { alerts, expression } = require('./alerts');
const { runbook } = require('./config');
const rules = require('./rules');
const thresholds = require('./thresholds');

const BOARDS = ['fleet', 'association', 'paths', 'host', 'library'];
const NOTICE = ' Made by dashboards/generate.js; change what it reads, not this.\n';

/** @param {string} name @param {object[]} list */
function ruleFile(name, list) {
  const document = new yaml.Document({ groups: [{ name, rules: list }] });
  document.commentBefore = NOTICE.trimEnd();
  return document.toString({ lineWidth: 0 });
}

/** @param {import('./alerts').Alert} alert */
function alertRule(alert) {
  const { name, severity, summary, description } = alert;
  return {
    alert: name,
    expr: expression(alert),
    for: thresholds[name].for,
    labels: { severity },
    annotations: { summary, description, runbook_url: `${runbook}#${name.toLowerCase()}` },
  };
}

/**
 * The SDK would move links and annotations from the top of the dashboard into a menu.
 * @param {string} key @param {unknown} value
 */
function withoutMenu(key, value) {
  return key === 'placement' && value === 'inControlsMenu' ? undefined : value;
}

/** @param {string} name */
function boardFile(name) {
  return `${JSON.stringify(require(`./boards/${name}`), withoutMenu, 2)}\n`;
}

/** Every generated file: its name here, and its text. @returns {Map<string, string>} */
function files() {
  const made = new Map();
  for (const name of BOARDS) made.set(`grafana/${name}.json`, boardFile(name));
  made.set('prometheus/rules.yml', ruleFile('sctp.rules', rules));
  made.set('prometheus/alerts.yml', ruleFile('sctp.alerts', alerts.map(alertRule)));
  return made;
}

function main() {
  const check = process.argv.includes('--check');
  let differing = 0;
  for (const [name, text] of files()) {
    const file = path.join(__dirname, name);
    if (!check) {
      fs.writeFileSync(file, text);
    } else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) {
      console.error(`dashboards/${name} is not what dashboards/generate.js makes`);
      differing += 1;
    }
  }
  process.exitCode = differing ? 1 : 0;
}

if (require.main === module) main();

module.exports = { files };
