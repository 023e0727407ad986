import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authenticate, Client, explainKey, logout, resolveKey, saveKeys, startLogin, whoami } from 'libatmn';
import { Project } from './project.mjs';

const key = 'am_sk_test_planted000';

test('options read only own properties, and each once', async (t) => {
  const project = new Project(t);
  project.write('.env', `AUTUMN_SECRET_KEY=${key}\n`);
  let reads = 0;
  const options = {
    get directory() {
      return reads++ === 0 ? project.path : '/nowhere';
    },
  };
  assert.equal(resolveKey(options).source.path, project.file('.env'));
  assert.equal(reads, 1);
  assert.equal(resolveKey({ directory: project.path, environment: undefined }).key.reveal(), key);
});

test('Object.prototype supplies no option, field or header', async (t) => {
  const project = new Project(t);
  project.write('.env', `AUTUMN_SECRET_KEY=${key}\n`);
  const polluted = {
    server: 'http://127.0.0.1:1',
    key: 'am_sk_live_polluted0000',
    environment: 'live',
    directory: '/nowhere',
    boundary: '/nowhere',
    allowTracked: 'yes',
    gitignore: 'perhaps',
    loginTimeoutMs: -1,
    timeoutMs: -1,
    onEvent: 7,
    signal: 7,
    query: 7,
    headers: { authorization: 'Bearer am_sk_live_polluted0000' },
    json: 7,
    contentType: 7,
    originalUrl: '/polluted',
    url: '/polluted',
    rawHeaders: ['authorization', 'Bearer am_sk_live_polluted0000'],
    authorization: 'Bearer am_sk_live_polluted0000',
    clientType: 'dashboard',
    accepts: 'nothing',
    type: 'failure',
    content: {},
    failure: {},
    refusal: {},
  };
  for (const [name, value] of Object.entries(polluted)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  }
  let seen;
  let failure;
  try {
    const authorization = `Bearer ${key}`;
    const plain = { method: 'GET', path: '/v1/customers', headers: { authorization } };
    const verify = (credential) => credential.key.reveal();
    const started = await startLogin({ directory: project.path, server: 'http://localhost:8080' });
    started.cancel();
    seen = {
      resolved: resolveKey({ directory: project.path }).key.reveal(),
      explained: explainKey({ directory: project.path }).find(({ outcome }) => outcome === 'used').path,
      saved: saveKeys(['am_sk_test_other000000'], { directory: project.path }).path,
      loggedOut: logout({ directory: project.path }).removed.length,
      url: new URL(started.url).origin,
      principal: await authenticate(plain, verify),
      anonymous: await authenticate({ method: 'GET', path: '/v1/customers', headers: {} }, verify).catch((e) => e.code),
      request: await new Client({ key, server: 'http://127.0.0.1:9' })
        .request('GET', '/')
        .catch((e) => e.context.server),
      whoami: await whoami({ key, server: 'http://127.0.0.1:9' }).catch((e) => e.context.server),
    };
  } catch (error) {
    failure = error;
  } finally {
    for (const name of Object.keys(polluted)) delete Object.prototype[name];
  }
  if (failure) throw failure;
  assert.deepEqual(seen, {
    resolved: key,
    explained: project.file('.env'),
    saved: project.file('.env'),
    loggedOut: 1,
    url: 'http://localhost:8080',
    principal: key,
    anonymous: 'no_secret_key',
    request: 'http://127.0.0.1:9',
    whoami: 'http://127.0.0.1:9',
  });
});
