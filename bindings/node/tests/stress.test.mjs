// 100,000 calls while other threads change the environment variables of the process.

import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Autumn } from './autumn.mjs';
import { here, node, Project } from './project.mjs';

const KEY = 'am_sk_test_0123456789';

let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

/** Sets and removes variables until the calls are done, so that the C library moves the environment. */
const changing = `
  const { workerData: { flags, id } } = require('node:worker_threads');
  for (let turn = 0; Atomics.load(flags, 0) > 0; turn++) {
    const name = 'CHANGING_' + id + '_' + (turn % 400);
    if (turn % 800 < 400) process.env[name] = 'x'.repeat(turn % 100);
    else delete process.env[name];
  }`;

/** Calls of every kind that reads variables. Each must see the key, which no thread changes. */
const calling = `
  const { workerData: { flags, id, calls, server, directory } } = require('node:worker_threads');
  const { explainKey, logoutAsync, resolveKey, whoami } = require('libatmn');
  const check = (condition, what) => {
    if (!condition) throw new Error(what);
  };
  (async () => {
    for (let turn = 0; turn < calls; turn++) {
      if (turn % 1000 === 0) {
        const { code } = await whoami({ server }).catch((error) => error);
        check(code === 'invalid_secret_key', 'whoami: ' + code);
      } else if (turn % 1000 === 500) {
        check((await logoutAsync({ directory })).removed.length === 0, 'logoutAsync');
      } else if (turn % 2) {
        check(resolveKey().source.origin === 'process', 'resolveKey');
      } else {
        check(explainKey().some(({ origin, outcome }) => origin === 'process' && outcome === 'used'), 'explainKey');
      }
    }
    Atomics.sub(flags, 0, 1);
  })();`;

const program = `
  const { SHARE_ENV, Worker } = require('node:worker_threads');
  const [server, directory, changing, calling] = process.argv.slice(1);
  process.env.AUTUMN_SECRET_KEY = '${KEY}';
  // How many workers still call.
  const flags = new Int32Array(new SharedArrayBuffer(4)).fill(4);
  const start = (text, id) => {
    const workerData = { flags, id, calls: 25_000, server, directory };
    new Worker(text, { env: SHARE_ENV, eval: true, workerData }).on('error', (error) => {
      console.error(error);
      process.exit(1);
    });
  };
  for (let id = 0; id < 2; id++) start(changing, id);
  for (let id = 0; id < 4; id++) start(calling, id);`;

test('100,000 calls in workers survive changes of the variables that they share', async (t) => {
  const project = new Project(t);
  symlinkSync(join(dirname(here), 'node_modules'), project.file('node_modules'));
  const args = ['-e', program, autumn.url, project.path, changing, calling];
  const { code, signal, stderr } = await node(args, { cwd: project.path });
  assert.deepEqual([code, signal, stderr], [0, null, '']);
});
