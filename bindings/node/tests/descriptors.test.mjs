// What a call opens is closed when its promise settles, and not at the next garbage collection.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { Client, logoutAsync, saveKeysAsync, startLogin, whoami } from 'libatmn';
import { Autumn } from './autumn.mjs';
import { Project, run } from './project.mjs';

const autumn = await Autumn.start();
after(() => autumn.stop());
const key = await autumn.secretKey();

const skip = process.platform !== 'linux' && 'only Linux lists the descriptors';
const count = () => readdirSync('/proc/self/fd').length;

/** A login for a work tree of git that is cancelled. */
async function cancelledLogin(directory) {
  const attempt = await startLogin({
    server: autumn.url,
    directory,
    openBrowser: false,
    onEvent: () => attempt.cancel(),
  });
  await assert.rejects(attempt.wait(), { code: 'cancelled' });
}

const client = new Client({ key, server: autumn.url });
const operations = {
  request: () => client.request('GET', '/v1/customers'),
  whoami: () => whoami({ key, server: autumn.url }),
  saveKeysAsync: (directory) => saveKeysAsync([key], { directory }),
  logoutAsync: (directory) => logoutAsync({ directory }),
  login: cancelledLogin,
};

for (const [name, operation] of Object.entries(operations)) {
  test(`${name} keeps no file descriptor`, { skip }, async (t) => {
    const { path } = new Project(t);
    await run('git', ['init', '--quiet', path]);
    for (let calls = 0; calls < 5; calls++) await operation(path);
    const before = count();
    for (let calls = 0; calls < 30; calls++) await operation(path);
    // A connection may be open that was not before.
    assert.ok(count() < before + 10, `${before} descriptors became ${count()}`);
  });
}

test('a request that waits needs only the descriptors of its connection', { skip }, async (t) => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  t.after(() => server.close().closeAllConnections());
  await once(server, 'listening');
  const waiting = new Client({ key, server: `http://127.0.0.1:${server.address().port}` });
  const controller = new AbortController();
  const before = count();
  const requests = [];
  for (let calls = 0; calls < 20; calls++) {
    requests.push(waiting.request('GET', '/v1/x', { signal: controller.signal }));
    await once(server, 'request');
  }
  const opened = count() - before;
  controller.abort('enough');
  await Promise.allSettled(requests);
  // Both ends of each connection are in this process.
  assert.ok(opened < 20 * 2 + 10, `${opened} descriptors for 20 requests`);
});
