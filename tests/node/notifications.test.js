'use strict';

// Every type of notification as JavaScript has it, from the bytes that both stacks gave
// (tests/samples, each with what was done and hence must be in it).

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const test = require('node:test');
const { sctp } = require('./support');
const { native } = require('../../lib/bridge');

const samples = path.resolve(__dirname, '../samples');

// The kernel's names of the records in its union sctp_notification, by type.
const MEMBERS = {
  SCTP_ASSOC_CHANGE: 'sn_assoc_change',
  SCTP_PEER_ADDR_CHANGE: 'sn_paddr_change',
  SCTP_SEND_FAILED: 'sn_send_failed',
  SCTP_REMOTE_ERROR: 'sn_remote_error',
  SCTP_SHUTDOWN_EVENT: 'sn_shutdown_event',
  SCTP_PARTIAL_DELIVERY_EVENT: 'sn_pdapi_event',
  SCTP_ADAPTATION_INDICATION: 'sn_adaptation_event',
  SCTP_AUTHENTICATION_EVENT: 'sn_authkey_event',
  SCTP_SENDER_DRY_EVENT: 'sn_sender_dry_event',
  SCTP_STREAM_RESET_EVENT: 'sn_strreset_event',
  SCTP_ASSOC_RESET_EVENT: 'sn_assocreset_event',
  SCTP_STREAM_CHANGE_EVENT: 'sn_strchange_event',
  SCTP_SEND_FAILED_EVENT: 'sn_send_failed_event',
};

// The readable lines that programs match; the others follow the same pattern.
const LINES = {
  'assoc_change-comm_up-client': 'SCTP_ASSOC_CHANGE: SCTP_COMM_UP, MIS 5 / OS 7',
  'assoc_change-restart': 'SCTP_ASSOC_CHANGE: SCTP_RESTART, MIS 3 / OS 4',
  'assoc_change-shutdown_comp-server': 'SCTP_ASSOC_CHANGE: SCTP_SHUTDOWN_COMP',
  'authentication-free_key-client': 'SCTP_AUTHENTICATION_EVENT: SCTP_AUTH_FREE_KEY, key id 5',
  'authentication-no_auth-client': 'SCTP_AUTHENTICATION_EVENT: SCTP_AUTH_NO_AUTH',
  'sender_dry-client': 'SCTP_SENDER_DRY_EVENT: all data is acknowledged',
};

const all = ['linux', 'usrsctp'].flatMap((abi) => {
  const directory = path.join(samples, abi);
  return fs.readdirSync(directory).filter((file) => file.endsWith('.json')).map((file) => {
    const told = JSON.parse(fs.readFileSync(path.join(directory, file), 'utf8'));
    const raw = fs.readFileSync(path.join(directory, told.file));
    return { name: path.basename(file, '.json'), stack: abi === 'linux' ? 'kernel' : abi,
      raw, ...told };
  });
});

/** The fields of a record, those of the records in it, too. */
function flat(record, into = {}) {
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === 'object' && !Array.isArray(value) && !Buffer.isBuffer(value)) {
      flat(value, into);
    } else {
      into[name] = value;
    }
  }
  return into;
}

// What the sample's maker knew, in the kernel's terms: names of fields, numbers of values.
function expected({ expected: known, stack }, fields) {
  const values = {};
  for (const [name, { value, symbol }] of Object.entries(known)) {
    const field = { sac_error_cause_code: 'sac_error', sre_error_cause_code: 'sre_error',
      snd_ppid_host_order: 'snd_ppid', sinfo_ppid_host_order: 'sinfo_ppid',
      ssfe_flags: 'ssf_flags', ssfe_assoc_id: 'ssf_assoc_id' }[name] ?? name;
    if (fields[field] === undefined || field === 'spc_aaddr') continue; // 'ip:port'
    // usrsctp tells the total where Linux tells how many were added: only who knows what
    // there was can tell.
    if (stack === 'usrsctp' && field.endsWith('strms')) continue;
    // Drawn by chance; tests/decoder/samples_test.cc knows whose is whose.
    if (field.endsWith('_tsn')) continue;
    if (field === 'strreset_stream_list') values[field] = value.split(',').map(Number);
    else values[field] = sctp.constants[symbol] ?? Number(value);
  }
  return values;
}

for (const sample of all) {
  test(`parsed, interpreted and event of ${sample.stack}: ${sample.name}`, () => {
    const { raw, parsed, interpreted, event } = native.decodeNotification(sample.raw, sample.stack);
    assert.ok(raw.equals(sample.raw));
    assert.deepStrictEqual(Object.keys(parsed), ['sn_type', MEMBERS[sample.event]]);
    const type = sctp.constants[sample.event];
    assert.strictEqual(parsed.sn_type, type);
    const fields = flat(parsed[MEMBERS[sample.event]]);
    assert.strictEqual(Object.values(fields)[0], type);
    const known = expected(sample, fields);
    assert.ok(Object.keys(known).length > 0);
    assert.deepStrictEqual(Object.fromEntries(Object.keys(known).map((name) => [name, fields[name]])),
      known);
    assert.ok(interpreted.startsWith(`${sample.event}: `), interpreted);
    if (LINES[sample.name]) assert.strictEqual(interpreted, LINES[sample.name]);
    assert.strictEqual(typeof event.type, 'string');
    const text = sample.expected.sac_info_contains_text?.value;
    if (text) {
      assert.strictEqual(event.causes[0].information.toString(), text);
      assert.strictEqual(event.causes[0].code, sctp.constants.SCTP_CAUSE_USER_INITIATED_ABORT);
    }
  });
}

test('no type of notification is missing', () => {
  assert.deepStrictEqual([...new Set(all.map(({ event }) => event))].sort(),
    Object.keys(MEMBERS).sort());
});

test('the same fact is the same event on both stacks', () => {
  const keys = (stack, name) => {
    const { event } = native.decodeNotification(
      all.find((one) => one.stack === stack && one.name === name).raw, stack);
    return Object.keys(event).sort();
  };
  const names = all.filter(({ stack }) => stack === 'kernel').map(({ name }) => name);
  const both = names.filter((name) =>
    all.some((one) => one.stack === 'usrsctp' && one.name === name));
  assert.ok(both.length > 30, String(both.length));
  for (const name of both) assert.deepStrictEqual(keys('usrsctp', name), keys('kernel', name), name);
});

test('a record that is cut short is no notification, one of an unknown type keeps its bytes', () => {
  assert.strictEqual(native.decodeNotification(Buffer.alloc(5), 'kernel'), undefined);
  const unknown = Buffer.from('ff80000008000000', 'hex');
  const { event, parsed } = native.decodeNotification(unknown, 'kernel');
  assert.strictEqual(event.type, 'unknown');
  assert.strictEqual(parsed.sn_type, 0x80ff);
  assert.ok(event.raw.equals(unknown));
});
