// The local Autumn for users' tests.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, Client, login } from 'libatmn';
import { startAutumn } from 'libatmn/testing';
import { node, Project } from './project.mjs';

test('startAutumn starts a server with keys, customers and logins', async (t) => {
  const autumn = await startAutumn();
  t.after(() => autumn.stop());
  const client = await autumn.client();
  assert.equal(client.server, autumn.url);
  assert.equal((await client.request('GET', '/v1/customers')).status, 200);
  assert.equal((await autumn.secretKey('live')).environment, 'live');

  const { path: directory } = new Project(t);
  const { onEvent } = autumn;
  const done = await login({ server: autumn.url, directory, openBrowser: false, onEvent });
  assert.equal(done.organization.slug, 'night-library');
  await autumn.revoke(done.keys[0]);
  const again = await autumn.client({ directory, reauth: 'always', openBrowser: false, onEvent });
  assert.equal((await again.request('GET', '/v1/customers')).status, 200);
  const deny = ({ code, context }) => code === 'login_url' && autumn.deny(context.url);
  const denied = login({ server: autumn.url, directory, openBrowser: false, force: true, onEvent: deny });
  await assert.rejects(denied, { code: 'login_denied' });

  await autumn.answer('/v1/customers', { status: 422, body: { code: 'bad', message: 'Bad.' } });
  await assert.rejects(
    client.request('GET', '/v1/customers'),
    (error) => error instanceof ApiError && error.status === 422,
  );
  await autumn.delay('/v1/customers', 60_000);
  await assert.rejects(client.request('POST', '/v1/customers', { json: {}, timeoutMs: 200 }), {
    code: 'request_timed_out',
  });
  await autumn.reset();
  assert.ok((await autumn.requests()).some(({ method, status }) => method === 'GET' && status === 422));
});

test('stop ends the server, and may be called twice', async () => {
  const autumn = await startAutumn();
  await autumn.stop();
  await autumn.stop();
  const client = new Client({ server: autumn.url, key: 'am_sk_test_0123456789' });
  await assert.rejects(client.request('POST', '/v1/customers', { json: {} }), { code: 'connect_failed' });
});

test('several servers run at once, and need no program on the PATH', async (t) => {
  const path = process.env.PATH;
  process.env.PATH = '/nowhere';
  t.after(() => (process.env.PATH = path));
  const [first, second] = await Promise.all([startAutumn(), startAutumn()]);
  assert.notEqual(first.url, second.url);
  await first.stop();
  assert.equal((await (await second.client()).request('GET', '/v1/customers')).status, 200);
  await second.stop();
});

test('a program that does not stop the server ends, and so does the server', async () => {
  const program = `
    import { startAutumn } from 'libatmn/testing';
    const autumn = await startAutumn();
    console.log(autumn.url);`;
  const { code, stdout } = await node(['--input-type=module', '-e', program]);
  assert.equal(code, 0);
  const client = new Client({ server: stdout.trim(), key: 'am_sk_test_0123456789' });
  await assert.rejects(client.request('POST', '/v1/customers', { json: {} }), { code: 'connect_failed' });
});
