// Operations that may wait for git or for the lock of another program: the event loop stays free, and a signal ends them.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { beginLogin, logoutAsync, saveKeys, saveKeysAsync, startLogin } from 'libatmn';
import { Autumn } from './autumn.mjs';
import { Project, run } from './project.mjs';

const KEY = 'am_sk_test_0123456789';

const autumn = await Autumn.start();
after(() => autumn.stop());
const server = autumn.url;

/** Starts a login, and cancels it when its URL is known: git has answered by then. */
async function startAndCancel(options) {
  const onEvent = () => attempt.cancel();
  const attempt = await startLogin({ ...options, server, openBrowser: false, onEvent });
  await attempt.wait().catch((error) => {
    if (error.code !== 'cancelled') throw error;
  });
}

/** The operations that ask git. */
const askGit = [
  ['saveKeysAsync', (options) => saveKeysAsync([KEY], options)],
  ['beginLogin', (options) => beginLogin({ ...options, server })],
  ['startLogin', startAndCancel],
];

/** The operations that wait for the lock of another program. */
const takeLock = [
  ['saveKeysAsync', (options) => saveKeysAsync([KEY], options)],
  ['logoutAsync', (options) => logoutAsync(options)],
];

/** Sets a variable of this program until the test ends. */
function setVariable(t, name, value) {
  const old = process.env[name];
  process.env[name] = value;
  t.after(() => {
    process.env[name] = old;
  });
}

/** A work tree whose git answers once `release` is called. */
async function slowGit(t) {
  const project = new Project(t);
  const { stdout: git } = await run('sh', ['-c', 'command -v git']);
  mkdirSync(project.file('bin'));
  mkdirSync(project.file('work'));
  await run('git', ['init', '--quiet', project.file('work')]);
  const go = project.file('go');
  // It also ends when the test has removed its files.
  const script = `#!/bin/sh\nwhile [ -e "$0" ] && [ ! -e ${go} ]; do sleep 0.01; done\nexec ${git.trim()} "$@"\n`;
  writeFileSync(project.file('bin/git'), script, { mode: 0o755 });
  setVariable(t, 'PATH', `${project.file('bin')}:${process.env.PATH}`);
  return { directory: project.file('work'), release: () => writeFileSync(go, '') };
}

/** A directory whose `.env` another program has locked until `release` is called. */
async function lockedFile(t) {
  const project = new Project(t);
  const state = project.file('state');
  setVariable(t, 'XDG_STATE_HOME', state);
  saveKeys([KEY], { directory: project.path });
  const name = readdirSync(state, { recursive: true }).find((name) => name.endsWith('.write.lock'));
  const holder = spawn('flock', [join(state, name), 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const release = () => holder.stdin.end();
  t.after(release);
  return { directory: project.path, release };
}

for (const [what, operations, wait] of [
  ['git', askGit, slowGit],
  ['a lock', takeLock, lockedFile],
]) {
  for (const [name, operation] of operations) {
    test(`${name} leaves the event loop free while it waits for ${what}`, async (t) => {
      const { directory, release } = await wait(t);
      const order = [];
      setTimeout(() => {
        order.push('timer');
        release();
      }, 20);
      await operation({ directory });
      order.push('settled');
      assert.deepEqual(order, ['timer', 'settled']);
    });

    test(`a signal ends ${name} while it waits for ${what}`, async (t) => {
      const { directory } = await wait(t);
      const controller = new AbortController();
      const reason = new Error('enough');
      setTimeout(() => controller.abort(reason), 20);
      await assert.rejects(operation({ directory, signal: controller.signal }), (error) => error === reason);
    });

    test(`${name} does nothing with an aborted signal when ${what} would delay it`, async (t) => {
      const { directory } = await wait(t);
      const had = existsSync(join(directory, '.env'));
      await assert.rejects(operation({ directory, signal: AbortSignal.abort() }), { name: 'AbortError' });
      assert.equal(existsSync(join(directory, '.env')), had);
    });
  }
}
