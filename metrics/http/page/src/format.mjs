// Numbers and times as a person reads them. What is not known is an en dash.

export const UNKNOWN = '–';

/** @param {number | undefined} value */
const known = (value) => value !== undefined && Number.isFinite(value);

/** 3 digits that count. @param {number} value */
function short(value) {
  return value >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
}

/** @param {number | undefined} value @param {number} step @param {string[]} units */
function scaled(value, step, units) {
  if (value === undefined || !known(value)) return UNKNOWN;
  let unit = 0;
  while (Math.abs(value) >= step && unit + 1 < units.length) {
    value /= step;
    unit += 1;
  }
  return `${short(value)}${units[unit]}`;
}

/** @param {number | undefined} value */
export const bytes = (value) => scaled(value, 1000, [' B', ' kB', ' MB', ' GB', ' TB']);

/** To the byte. @param {number | undefined} value */
export const exactBytes = (value) => known(value) ? `${value} B` : UNKNOWN;

/** @param {number | undefined} value */
export const count = (value) => scaled(value, 1000, ['', ' k', ' M', ' G']);

/** @param {number | undefined} value */
export const bytesPerSecond = (value) => known(value) ? `${bytes(value)}/s` : UNKNOWN;

/** @param {number | undefined} value */
export const perSecond = (value) => known(value) ? `${count(value)}/s` : UNKNOWN;

/** @param {number | undefined} value */
export function milliseconds(value) {
  if (value === undefined || !known(value)) return UNKNOWN;
  return value >= 10_000 ? `${short(value / 1000)} s` : `${short(value)} ms`;
}

/** How long: the two largest units. @param {number | undefined} value milliseconds */
export function duration(value) {
  if (value === undefined || !known(value)) return UNKNOWN;
  const seconds = Math.max(0, Math.floor(value / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** @param {number} value @param {number} [digits] */
const padded = (value, digits = 2) => String(value).padStart(digits, '0');

/** Time of day, here. @param {number} time milliseconds since the epoch */
export function clock(time) {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => padded(part)).join(':');
}

/** @param {number} time milliseconds since the epoch */
export const exactClock = (time) => `${clock(time)}.${padded(Math.floor(time) % 1000, 3)}`;

/** "1 path", "3 paths". @param {number} amount @param {string} noun */
export const plural = (amount, noun) => `${amount} ${noun}${amount === 1 ? '' : 's'}`;
