// The live page: what it is told goes to its parts.

import { Associations } from './associations.mjs';
import { redrawCharts } from './charts.mjs';
import { byId, setAttribute, setText } from './dom.mjs';
import { Events } from './events.mjs';
import { Feed } from './feed.mjs';
import { clock } from './format.mjs';
import { Overview } from './overview.mjs';
import { Samples } from './samples.mjs';
import { startTheme } from './theme.mjs';
import { changesBetween } from './trouble.mjs';

/** @typedef {import('./status.d.ts').Status} Status */

let samples = new Samples();
const overview = new Overview();
const associations = new Associations(samples);
const events = new Events();
/** @type {Status | undefined} */
let last;

/** @param {string[]} changes */
function announce(changes) {
  if (changes.length > 0) byId('announcements').textContent = changes.join(' ');
}

/** @param {Status} status */
function onStatus(status) {
  if (last && last.started !== status.started) {
    // Another process: nothing of before can be compared with.
    samples = new Samples();
    associations.restart(samples);
    announce(['The program was restarted.']);
  } else if (last) {
    announce(changesBetween(last, status));
  }
  last = status;
  samples.add(status);
  for (const { id, peer } of status.associations) events.log.name(id, peer);
  overview.show(status, samples);
  associations.show(status);
}

/** @param {boolean} connected @param {string} problem */
function onConnection(connected, problem) {
  const place = byId('connection');
  if (place.dataset.connected === String(connected)) return;
  place.dataset.connected = String(connected);
  setText(place, connected ? 'Connected' : 'Disconnected, retrying');
  setAttribute(place, 'title', problem);
  byId('stale').hidden = connected || !last;
  if (last) setText(byId('stale'), `The server is gone. Below is what was so at ${clock(last.now)}.`);
  announce([connected ? 'Connected.' : 'The server is gone, retrying.']);
}

/** @param {boolean} reading @param {string} problem */
function onReading(reading, problem) {
  setText(byId('event-state'), reading ? '' : `Events do not come: ${problem}. Retrying.`);
}

startTheme(byId('theme', HTMLButtonElement), redrawCharts);
document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    associations.search.focus();
    associations.search.select();
    event.preventDefault();
  } else if (event.key === 'Escape' && event.target === associations.search) {
    associations.search.value = '';
    associations.turnTo(0);
  }
});
new Feed({
  onStatus,
  onConnection,
  onReading,
  onEvent: (event) => {
    if (event.event !== 'hello') events.add(event);
  },
}).start();
