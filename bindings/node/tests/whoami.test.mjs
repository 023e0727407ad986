import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { ApiError, ApiKey, AtmnError, whoami } from 'libatmn';
import { Autumn } from './autumn.mjs';
import { Project } from './project.mjs';

let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

test('whoami returns the organization and the location of the key', async (t) => {
  const project = new Project(t);
  const key = await autumn.secretKey();
  project.write('.env', `AUTUMN_SECRET_KEY=${key}\n`);
  const identity = await whoami({ server: autumn.url, directory: project.path });
  assert.equal(identity.key.reveal(), key);
  assert.deepEqual([identity.organization.slug, identity.server], ['copper-kettle', autumn.url]);
  assert.deepEqual([identity.source.path, identity.skipped], [project.file('.env'), []]);
  assert.equal(identity.scopes, null);
  assert.equal((await whoami({ server: autumn.url, key: new ApiKey(key) })).source.origin, 'argument');
});

test('whoami rejects with an ApiError for a rejected key', async () => {
  const error = await whoami({ server: autumn.url, key: 'am_sk_test_nobody000000' }).catch((error) => error);
  assert.ok(error instanceof ApiError && error instanceof AtmnError);
  assert.deepEqual(
    [error.name, error.code, error.status, error.apiCode, error.environment],
    ['ApiError', 'invalid_secret_key', 401, 'invalid_secret_key', 'sandbox'],
  );
  assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}`, /nobody0/);
});

test('whoami rejects with the code of a network error', async () => {
  const key = await autumn.secretKey();
  const error = await whoami({ server: 'http://127.0.0.1:9', key }).catch((error) => error);
  assert.ok(error instanceof AtmnError && !(error instanceof ApiError));
  assert.equal(error.code, 'connect_failed');
  assert.ok(error.cause instanceof Error);
  await autumn.fault('/v1/organization/me', 'delay', { milliseconds: 5000 });
  await assert.rejects(whoami({ server: autumn.url, key, timeoutMs: 50 }), { code: 'request_timed_out' });
  await autumn.fault('/v1/organization/me', 'garbage');
  await assert.rejects(whoami({ server: autumn.url, key }), { code: 'response_unreadable' });
});

test('an abort ends whoami', async (t) => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const controller = new AbortController();
  silent.once('connection', (socket) => {
    socket.on('error', () => {});
    controller.abort();
  });
  const key = 'am_sk_test_0123456789';
  const server = `http://127.0.0.1:${silent.address().port}`;
  await assert.rejects(whoami({ server, key, signal: controller.signal }), { name: 'AbortError' });
});
