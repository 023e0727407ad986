// Listeners whose promise never settles: deadlines, signals and `cancel` end the call nevertheless.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Client, login, startLogin } from 'libatmn';
import { Autumn } from './autumn.mjs';
import { isFree, node, Project } from './project.mjs';

let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

const never = () => new Promise(() => {});
const timedOut = { name: 'AtmnError', code: 'timed_out' };
const ownCall = {
  name: 'AtmnError',
  code: 'invalid_argument',
  message: 'A listener must not wait for the call that it belongs to.',
};

function options(t, more) {
  return { server: autumn.url, directory: new Project(t).path, openBrowser: false, onEvent: never, ...more };
}

/** A client whose key the server rejects. */
function rejectedClient(t, more) {
  const project = new Project(t);
  project.write('.env', 'AUTUMN_SECRET_KEY=am_sk_test_rejected0123456789\n');
  return new Client(options(t, { directory: project.path, reauth: 'always', ...more }));
}

/** A server that is busy once. */
async function busyServer(t) {
  let count = 0;
  const server = createServer((_, response) => {
    count += 1;
    response.writeHead(count === 1 ? 503 : 200).end('{}');
  }).listen(0, '127.0.0.1');
  t.after(() => server.close().closeAllConnections());
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

/** A listener that never returns, and a promise of its first event. */
function endless() {
  let onEvent;
  const first = new Promise((resolve) => {
    onEvent = (event) => {
      resolve(event);
      return never();
    };
  });
  return { onEvent, first };
}

test('the deadline ends a login', async (t) => {
  await assert.rejects(login(options(t, { loginTimeoutMs: 50 })), timedOut);
  const attempt = await startLogin(options(t, { loginTimeoutMs: 50 }));
  await assert.rejects(attempt.wait(), timedOut);
  assert.ok(await isFree(attempt.port));
});

test('the deadline ends the login of a request', async (t) => {
  const calls = [
    (client) => client.request('GET', '/v1/customers'),
    (client) => client.reauthenticate('am_sk_test_rejected0123456789'),
    (client) => client.fetch('/v1/customers'),
  ];
  for (const call of calls)
    await assert.rejects(call(rejectedClient(t, { loginTimeoutMs: 50 })), { name: 'AtmnError' });
});

test('cancel() ends an attempt', async (t) => {
  const { onEvent, first } = endless();
  const attempt = await startLogin(options(t, { onEvent }));
  const waiting = attempt.wait();
  await first;
  attempt.cancel();
  await assert.rejects(waiting, { code: 'cancelled' });
});

test('a signal ends each call', async (t) => {
  const calls = [
    (onEvent, signal) => login(options(t, { onEvent, signal })),
    (onEvent, signal) => rejectedClient(t, { onEvent }).request('GET', '/v1/customers', { signal }),
    (onEvent, signal) => rejectedClient(t, { onEvent }).fetch('/v1/customers', { signal }),
  ];
  for (const call of calls) {
    const { onEvent, first } = endless();
    const controller = new AbortController();
    const result = call(onEvent, controller.signal);
    first.then(() => controller.abort('enough'));
    await assert.rejects(result, (error) => error === 'enough');
  }
});

test('a signal ends a retry of fetch', async (t) => {
  const { onEvent, first } = endless();
  const controller = new AbortController();
  const client = new Client({ key: 'am_sk_test_0123456789', server: await busyServer(t), onEvent });
  first.then(() => controller.abort('enough'));
  await assert.rejects(client.fetch('/v1/x', { signal: controller.signal }), (error) => error === 'enough');
});

test('a result waits no longer than a login may take', async (t) => {
  for (const call of ['request', 'fetch']) {
    const given = { key: 'am_sk_test_0123456789', server: await busyServer(t), onEvent: never, loginTimeoutMs: 50 };
    const client = new Client(given);
    const { status } = await (call === 'fetch' ? client.fetch('/v1/x') : client.request('GET', '/v1/x'));
    assert.equal(status, 200);
  }
});

test('the process waits until the call has ended', async (t) => {
  const program = `
    const { startLogin } = require('libatmn');
    const given = { server: '${autumn.url}', directory: process.argv[1], openBrowser: false, loginTimeoutMs: 50 };
    startLogin({ ...given, onEvent: () => new Promise(() => {}) })
      .then((attempt) => attempt.wait())
      .catch(({ code }) => console.log(code));`;
  const { code, stdout, stderr } = await node(['-e', program, new Project(t).path]);
  assert.deepEqual([code, stdout, stderr], [0, 'timed_out\n', '']);
});

test('a listener that waits for its own call is refused', async (t) => {
  const client = rejectedClient(t, { onEvent: async () => client.request('GET', '/v1/customers') });
  await assert.rejects(client.request('GET', '/v1/customers'), ownCall);
  const attempt = await startLogin(options(t, { onEvent: async () => attempt.wait() }));
  await assert.rejects(attempt.wait(), ownCall);
  assert.ok(await isFree(attempt.port));
});

test('a listener uses other clients, and its own one after it has returned', async (t) => {
  const key = await autumn.secretKey();
  const other = new Client({ key, server: autumn.url });
  const statuses = [];
  let later;
  const client = new Client({
    key,
    server: await busyServer(t),
    onEvent: async () => {
      statuses.push((await other.request('GET', '/v1/customers')).status);
      later = new Promise((resolve) => setTimeout(resolve)).then(() => client.request('GET', '/v1/x'));
    },
  });
  statuses.push((await client.request('GET', '/v1/x')).status, (await later).status);
  assert.deepEqual(statuses, [200, 200, 200]);
});
