// `npx libatmn` is the `atmn` command.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Autumn } from './autumn.mjs';
import { Project, run } from './project.mjs';
import { inTerminal } from './terminal.mjs';

const require = createRequire(import.meta.url);
const { bin } = require('libatmn/package.json');
const script = realpathSync(join(dirname(require.resolve('libatmn/package.json')), bin.libatmn));
const SANDBOX = 'am_sk_test_plantedSandboxKey0123dbox';
const LIVE = 'am_sk_live_plantedLiveKey0123live';

let autumn;
before(async () => {
  autumn = await Autumn.start();
  process.env.ATMN_BACKEND_URL = autumn.url;
});
after(() => autumn?.stop());

/** Calls whose results are those of the command, with what they read from standard input. */
const calls = [
  [[]],
  [['-h']],
  [['--help']],
  [['login', '--help']],
  [['api', '-h']],
  [['completions', 'zsh']],
  [['version']],
  [['logn']],
  [['login', '--force-it']],
  [['--json', 'nothing']],
  [['key']],
  [['key', '--json']],
  [['key', '--prod', '--explain']],
  [['key', '--check'], 'hunter2'],
  [['key', '--check', '--json'], ` ${SANDBOX}\n`],
  [['env']],
  [['save']],
  [['save', SANDBOX]],
  [['save', '--json'], `${SANDBOX} ${LIVE}`],
  [['key', '--reveal']],
  [['run', '--', 'sh', '-c', 'exit 7']],
  [['run', '--', '/nowhere/program']],
  [['logout', '--file', '.env.local']],
  [['logout', '--json']],
];

function results(program, name, folder) {
  mkdirSync(folder);
  return calls.map(([args, input = '']) => {
    const [file, ...rest] = [...program, ...args];
    const { status, stdout, stderr } = spawnSync(file, rest, { cwd: folder, input, encoding: 'utf8' });
    // A longer name moves columns and line breaks of the help.
    const text = (output) => output.replaceAll(name, 'atmn').replaceAll(folder, 'FOLDER').split(/\s+/).join(' ');
    return { args, status, stdout: text(stdout), stderr: text(stderr) };
  });
}

test('results, exit codes and messages are those of the command', (t) => {
  const project = new Project(t);
  const expected = results([process.env.ATMN_BINARY], 'atmn', project.file('command'));
  assert.deepEqual(new Set(expected.map(({ status }) => status)), new Set([0, 1, 2, 4, 7, 127]));
  assert.deepEqual(results([process.execPath, script], 'npx libatmn', project.file('package')), expected);
});

test('help and hints name `npx libatmn`', (t) => {
  const { path: cwd } = new Project(t);
  const call = (...args) => spawnSync(process.execPath, [script, ...args], { cwd, encoding: 'utf8' });
  assert.match(call('--help').stdout, /Usage: npx libatmn \[OPTIONS\] <COMMAND>(.*\n)* {2}npx libatmn login /);
  const { status, stderr } = call('key');
  assert.equal(status, 4);
  assert.match(stderr, /hint: Run `npx libatmn login` to create keys/);
  assert.match(JSON.parse(call('login', '--begin', '--json').stdout).next, /\| npx libatmn login --complete$/);
});

test('doctor judges the way in which it was started', (t) => {
  const { path: cwd } = new Project(t);
  const options = { cwd, encoding: 'utf8' };
  const { stdout } = spawnSync(process.execPath, [script, 'doctor', '--offline', '--json'], options);
  const { outcome, message } = JSON.parse(stdout).checks.find(({ subject }) => subject === 'programs');
  assert.deepEqual([outcome, message], ['ok', 'You run this command as `npx libatmn`.']);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  test(`${signal} ends a command that waits with ${code}`, async () => {
    const onOutput = (_, child) => child.kill(signal);
    const done = await run(process.execPath, [script, 'serve', '--port', '0'], { onOutput });
    assert.deepEqual([done.code, done.signal], [code, null]);
    assert.match(done.stderr, /Stopped/);
  });
}

test('Ctrl-C in a terminal ends a login with 130, and a command that catches no signal as any program', async (t) => {
  const { path: cwd } = new Project(t);
  for (const [args, prompt, code] of [
    [['login', '--no-browser', '--ports', '31448-31452'], 'Waiting', 130],
    [['save'], 'Paste', 128 + 2],
  ]) {
    const onOutput = (text, child) => text.includes(prompt) && child.stdin.write('\x03');
    const done = await inTerminal([process.execPath, script, ...args], { cwd, onOutput });
    assert.equal(done.code, code, done.stdout);
    assert.doesNotMatch(done.stdout, /at .*\.js:/);
  }
});

test('a program that is run has the signals of a new process', () => {
  const env = { ...process.env, AUTUMN_SECRET_KEY: SANDBOX };
  const status = ['run', '--', 'grep', '-E', '^Sig(Blk|Ign|Cgt)', '/proc/self/status'];
  const expected = execFileSync(process.env.ATMN_BINARY, status, { env, encoding: 'utf8' });
  assert.equal(expected.split('\n').length, 4);
  assert.equal(execFileSync(process.execPath, [script, ...status], { env, encoding: 'utf8' }), expected);
});

test('the script has a shebang and no dependency on the standard streams of Node', () => {
  const source = readFileSync(script, 'utf8');
  assert.match(source, /^#!\/usr\/bin\/env node\n/);
  assert.doesNotMatch(source, /process\.(stdin|stdout|stderr)/);
});
