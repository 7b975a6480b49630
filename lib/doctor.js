'use strict';

// What `npx lksctp doctor` tells: which stacks serve on this machine, what they can
// do, and how to cure what they cannot.

const fs = require('node:fs');
const dgram = require('node:dgram');
const { capabilities } = require('./stacks');

const UDP_PORT = 9899;

/** Sysctls that matter, and when their value is worth a word. */
const SYSCTLS = [
  { name: 'net.sctp.udp_port', advice: (/** @type {string} */ value) => value === '0' &&
    'UDP encapsulation on the kernel is off: sysctl net.sctp.udp_port=9899' },
  { name: 'net.sctp.encap_port' },
  { name: 'net.sctp.auth_enable' },
  { name: 'net.sctp.addip_enable' },
  { name: 'net.sctp.reconf_enable' },
  { name: 'net.sctp.intl_enable' },
  { name: 'net.core.rmem_max', advice: (/** @type {string} */ value) => +value < 4194304 &&
    'many fast associations want larger buffers: sysctl net.core.rmem_max=4194304' },
  { name: 'net.core.wmem_max', advice: (/** @type {string} */ value) => +value < 4194304 &&
    'many fast associations want larger buffers: sysctl net.core.wmem_max=4194304' },
  { name: 'net.core.somaxconn' },
];

/** @param {string} name */
function sysctl(name) {
  try {
    return fs.readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** @param {'kernel' | 'usrsctp'} stack */
function stackReport(stack) {
  try {
    return { available: true, capabilities: capabilities(stack) };
  } catch (error) {
    const { code, message } = /** @type {any} */ (error);
    return { available: false, code, cure: message };
  }
}

/** @returns {Promise<{ port: number, free: boolean, code?: string }>} */
function udpPortReport() {
  return new Promise((resolve) => {
    const socket = dgram.createSocket('udp4');
    socket.once('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      resolve({ port: UDP_PORT, free: false, code: error.code }));
    socket.bind(UDP_PORT, () => socket.close(() => resolve({ port: UDP_PORT, free: true })));
  });
}

/** Everything, as one object. */
async function diagnose() {
  const kernel = stackReport('kernel');
  const usrsctp = stackReport('usrsctp');
  const udp = await udpPortReport();
  const sysctls = SYSCTLS.map(({ name, advice }) => {
    const value = sysctl(name);
    return { name, value, advice: value === undefined ? undefined : advice?.(value) || undefined };
  });
  return {
    node: process.version,
    auto: kernel.available ? 'kernel' : usrsctp.available ? 'usrsctp' : null,
    stacks: { kernel, usrsctp },
    udp,
    sysctls,
    privileged: process.getuid?.() === 0,
  };
}

/** The same for people. @param {Awaited<ReturnType<typeof diagnose>>} report */
function format(report) {
  const lines = [`Node.js ${report.node}; stack: auto takes ${report.auto ?? 'none'}`];
  for (const [name, stack] of Object.entries(report.stacks)) {
    lines.push('', `${name}: ${stack.available ? 'available' : 'not available'}`);
    if (!stack.available) lines.push(`  ${stack.cure}`);
    for (const [key, value] of Object.entries(stack.capabilities ?? {})) {
      if (typeof value === 'boolean') lines.push(`  ${value ? '+' : '-'} ${key}`);
    }
  }
  const { port, free, code } = report.udp;
  lines.push('', `UDP port ${port}: ${free ? 'free' :
    `taken (${code}): a usrsctp server needs udpEncapsulation.localPort`}`, '');
  for (const { name, value, advice } of report.sysctls) {
    lines.push(`${name} = ${value ?? 'not there'}${advice ? `   ${advice}` : ''}`);
  }
  if (!report.privileged) {
    lines.push('', 'Not root: ports below 1024 and buffers above the limits need privileges.');
  }
  return lines.join('\n');
}

module.exports = { diagnose, format };
