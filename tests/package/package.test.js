'use strict';

// The tarball of `npm pack`: what is in it; that it is installed where there is no
// compiler, and found where it is moved to; and that it is built from its sources where
// the prebuilt addon does not load. Each in an empty project.

const assert = require('node:assert');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');

const root = path.resolve(__dirname, '../..');
const manifest = require('../../package.json');

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'lksctp-package-'));
test.after(() => fs.rmSync(work, { recursive: true, force: true }));

// As somebody who has never heard of this source tree. What was compiled for the last
// project is taken from the cache, whatever the project's directory was.
const { LKSCTP_BUILD_DIR, LKSCTP_STACK, ...environment } = process.env;
Object.assign(environment, { CCACHE_BASEDIR: work, CCACHE_NOHASHDIR: '1' });

/** Runs a command to its end. */
function run(cwd, [command, ...args], env = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args,
    { cwd, encoding: 'utf8', env: { ...environment, ...env }, maxBuffer: 1 << 26 });
  if (error) throw error;
  return { status, output: `${stdout}${stderr}`, stdout };
}

function succeeds(cwd, command, env) {
  const result = run(cwd, command, env);
  assert.strictEqual(result.status, 0, `${command.join(' ')}: ${result.output}`);
  return result;
}

/** An empty project with the two programs. */
function project(name) {
  const directory = path.join(work, name);
  fs.mkdirSync(directory);
  fs.writeFileSync(path.join(directory, 'package.json'), '{ "private": true }\n');
  for (const program of ['program.cjs', 'program.mjs']) {
    fs.copyFileSync(path.join(__dirname, program), path.join(directory, program));
  }
  return directory;
}

const install = ['npm', 'install', '--no-save', '--prefer-offline', '--foreground-scripts'];

/** Both programs run, with the addon at `expected` and its libraries beside it. */
function runsPrograms(directory, expected, prefix = []) {
  for (const program of ['program.cjs', 'program.mjs']) {
    const { stdout } = succeeds(directory, [...prefix, process.execPath, program],
      { LKSCTP_STACK: 'usrsctp' });
    const { message, addon, libraries } = JSON.parse(stdout);
    assert.strictEqual(message, 'hello on stream 1');
    assert.strictEqual(addon, path.join(fs.realpathSync(directory), 'node_modules/lksctp', expected));
    if (!expected.startsWith('prebuilds')) continue;
    assert.ok(libraries.length >= 5, libraries.join(' '));
    for (const library of libraries) assert.strictEqual(path.dirname(library), path.dirname(addon));
  }
}

// What the scripts print comes before.
const printed = execFileSync('npm', ['pack', '--json', '--pack-destination', work],
  { cwd: root, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const [packed] = JSON.parse(printed.slice(printed.lastIndexOf('\n[\n') + 1));
const tarball = path.join(work, packed.filename);
const files = packed.files.map((file) => file.path);
const prebuilt = `prebuilds/linux-${process.arch}/lksctp.node`;

test('the tarball has what it should and nothing else', () => {
  const always = /^(package\.json|README\.md|LICENSE)$/;
  // As `files` has them: a directory, a file, or all files of a kind in a directory.
  const patterns = manifest.files.map((one) => one.replace(/^\//, '').split('*'));
  const matches = ([start, end], file) => file.startsWith(start) && file.endsWith(end ?? '');
  for (const file of files) {
    assert.ok(always.test(file) || patterns.some((one) => matches(one, file)), file);
    assert.doesNotMatch(file, /^(tests|bench|build|node_modules|script)\/|_test\.|tsconfig/);
  }
  for (const one of patterns) {
    assert.ok(files.some((file) => matches(one, file)), `${one.join('*')}: nothing is packed`);
  }
  assert.ok(packed.size < 4_000_000, `${packed.size} bytes`);
});

test('every shared library in it has its licence; the README says which glibc it needs', () => {
  const directory = path.join(root, path.dirname(prebuilt));
  const libraries = fs.readdirSync(directory).filter((name) => name.includes('.so'));
  assert.deepStrictEqual(libraries.map((name) => name.replace(/[-.].*/, '')).sort(),
    ['libevent_core', 'libevent_extra', 'libfmt', 'libisal', 'libmd', 'libsctp', 'libspdlog',
      'libsqlite3', 'libusrsctp', 'libz']);
  const licences = fs.readdirSync(path.join(directory, 'licences'));
  for (const name of ['libevent', 'libfmt', 'prometheus-cpp', 'libsctp', 'libspdlog',
    'libusrsctp', 'libexpected', 'libisal', 'libmd', 'libsqlite3', 'rapidjson',
    'zlib', 'node-addon-api', 'node-api-headers', 'uplot', 'lksctp']) {
    const licence = licences.find((one) => one.startsWith(name));
    assert.ok(licence, name);
    assert.ok(files.includes(`${path.dirname(prebuilt)}/licences/${licence}`), licence);
    assert.match(fs.readFileSync(path.join(directory, 'licences', licence), 'utf8'), /copyright|CC0/i);
  }
  const needs = JSON.parse(fs.readFileSync(path.join(directory, 'needs.json'), 'utf8'));
  const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8').replace(/\s+/g, ' ');
  assert.ok(readme.includes(`glibc ${needs.GLIBC}`), `it needs glibc ${needs.GLIBC}`);
  assert.strictEqual(needs.GLIBCXX, '3.4.30', 'README: libstdc++ of GCC 12');
});

test('is installed and runs where neither compiler nor libraries are', (t) => {
  const hidden = [path.join(__dirname, 'without-compiler')];
  const look = run(work, [...hidden, 'sh', '-c', 'cat /usr/include/stdio.h; gcc --version; cmake --version']);
  if (look.status === 77) {
    console.error(`SKIPPED: ${look.output}`);
    t.skip(look.output);
    return;
  }
  assert.notStrictEqual(look.status, 0);
  assert.strictEqual(look.stdout, '');
  const directory = project('no-compiler');
  const { output } = succeeds(directory, [...hidden, ...install, tarball]);
  assert.match(output, /the prebuilt addon is used/);
  assert.ok(!fs.existsSync(path.join(directory, 'node_modules/lksctp/build')));
  runsPrograms(directory, prebuilt, hidden);
  const doctor = succeeds(directory, [...hidden, 'npx', 'lksctp', 'doctor', '--json']);
  assert.ok(JSON.parse(doctor.stdout).stacks.usrsctp.available);
  // Found from its own place, wherever that is.
  fs.renameSync(directory, `${directory}-moved`);
  runsPrograms(`${directory}-moved`, prebuilt, hidden);
});

test('is built from its sources where the prebuilt addon does not load', () => {
  const directory = project('broken-prebuilt');
  succeeds(directory, [...install, '--ignore-scripts', tarball]);
  fs.writeFileSync(path.join(directory, 'node_modules/lksctp', prebuilt), 'for another machine');
  const { output } = succeeds(directory, ['npm', 'rebuild', '--foreground-scripts']);
  assert.match(output, /building the addon \(prebuilt: Error: /);
  runsPrograms(directory, 'build/node/node-binding/lksctp.node');
});

test('is built from its sources when that is asked for, and then taken', () => {
  const directory = project('from-source');
  const { output } = succeeds(directory, [...install, '--build-from-source', tarball]);
  assert.match(output, /building the addon \(prebuilt: as was asked for\)/);
  runsPrograms(directory, 'build/node/node-binding/lksctp.node');
});

test('says what to do when there is no addon at all', () => {
  const directory = project('no-addon');
  succeeds(directory, [...install, '--ignore-scripts', tarball]);
  fs.rmSync(path.join(directory, 'node_modules/lksctp/prebuilds'), { recursive: true });
  const { status, output } = run(directory, [process.execPath, 'program.cjs']);
  assert.strictEqual(status, 1);
  assert.match(output, /npm rebuild lksctp/);
  assert.match(output, /ERR_SCTP_ADDON/);
});
