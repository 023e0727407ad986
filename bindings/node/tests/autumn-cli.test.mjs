// The functions of a CLI such as Autumn's own, over libatmn.

import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import { startAutumn } from 'libatmn/testing';
import {
  endpoints,
  fetchOrganizationMe,
  getKey,
  readApiKeys,
  request,
  setDotenvValue,
  startOAuthFlow,
  withAuthRecovery,
} from './autumn-cli.mjs';
import { Project } from './project.mjs';

let autumn;
before(async () => {
  autumn = await startAutumn();
});
after(() => autumn?.stop());

/** A new project, and the options of every function. */
function project(t) {
  const folder = new Project(t);
  const { url: server, onEvent } = autumn;
  return { folder, options: { directory: folder.path, server, onEvent, openBrowser: false } };
}

const logIn = (options) => startOAuthFlow({ ...options, input: new PassThrough() });

test('keys are read without an exception, and getKey says how to get one', (t) => {
  const { options } = project(t);
  const { directory } = options;
  assert.deepEqual(readApiKeys({ directory }), { sandboxKey: undefined, prodKey: undefined });
  assert.throws(
    () => getKey({ directory }),
    ({ code, hint }) => code === 'key_not_found' && hint.includes('npx libatmn login'),
  );
});

test('startOAuthFlow saves both keys, which every function finds', async (t) => {
  const { folder, options } = project(t);
  const { directory } = options;
  folder.write('.env', 'PORT=3000 # ours\n');
  const { organization, sandboxKey, prodKey, path } = await logIn(options);
  assert.equal(organization.slug, 'night-library');
  assert.equal(path, folder.file('.env'));
  assert.ok(folder.read('.env').startsWith('PORT=3000 # ours\n'));
  assert.deepEqual(readApiKeys({ directory }), { sandboxKey, prodKey });
  assert.equal(getKey({ directory }), sandboxKey);
  assert.equal(getKey({ directory, prod: true }), prodKey);
  const { server } = options;
  assert.deepEqual(await fetchOrganizationMe(prodKey, { server }), { ...organization, env: 'live' });
});

test('setDotenvValue sets one of the two keys, and nothing else', async (t) => {
  const { folder, options } = project(t);
  const { directory } = options;
  const key = (await autumn.secretKey('live')).reveal();
  folder.write('.env', '# keys\r\nexport AUTUMN_PROD_SECRET_KEY="old"\r\nA=b\r\n');
  assert.equal(setDotenvValue('AUTUMN_PROD_SECRET_KEY', key, { directory }), folder.file('.env'));
  assert.match(folder.read('.env'), /^# keys\r\n[\s\S]*A=b\r\n/);
  assert.doesNotMatch(folder.read('.env'), /old/);
  assert.equal(readApiKeys({ directory }).prodKey, key);
  const before = folder.read('.env');
  for (const [name, value] of [
    ['AUTUMN_SECRET_KEY', key],
    ['OTHER', key],
    ['AUTUMN_PROD_SECRET_KEY', `${key}\nEVIL=1`],
  ]) {
    assert.throws(() => setDotenvValue(name, value, { directory }));
  }
  assert.equal(folder.read('.env'), before);
});

test('request returns the JSON of the response, and an error has that of the server', async (t) => {
  const { options } = project(t);
  await logIn(options);
  const created = await request('POST', '/v1/customers', { ...options, body: { id: 'cus_cli', name: 'Ada' } });
  assert.equal(created.id, 'cus_cli');
  const { list } = await request('GET', '/v1/customers', { ...options, query: { limit: 5 } });
  assert.ok(list.length > 0);
  await assert.rejects(request('GET', '/v1/customers/absent', options), (error) => {
    assert.equal(error.status, 404);
    assert.equal(error.url, `${options.server}/v1/customers/absent`);
    return typeof error.json().message === 'string';
  });
});

test('withAuthRecovery logs in after a rejected key, and runs the work once more', async (t) => {
  const { options } = project(t);
  const { sandboxKey } = await logIn(options);
  await autumn.revoke(sandboxKey);
  const used = [];
  const work = async (key) => {
    used.push(key);
    const response = await fetch(`${options.server}/v1/customers`, {
      headers: { authorization: `Bearer ${key}`, connection: 'close' },
    });
    if (!response.ok) throw Object.assign(new Error('refused'), { status: response.status });
    return response.json();
  };
  const { list } = await withAuthRecovery(work, { ...options, reauth: 'always' });
  assert.ok(Array.isArray(list));
  assert.deepEqual(used, [sandboxKey, getKey(options)]);
  assert.notEqual(used[0], used[1]);

  const failing = () => Promise.reject(Object.assign(new Error('forbidden'), { status: 403 }));
  await assert.rejects(withAuthRecovery(failing, { ...options, reauth: 'always' }), { message: 'forbidden' });
  // A login that is not allowed is an error with the way out.
  await autumn.revoke(getKey(options));
  await assert.rejects(withAuthRecovery(work, { ...options, reauth: 'never' }), { code: 'login_needed' });
});

test('endpoints are those of the server', () => {
  const { apiUrl, dashboardUrl, scopes } = endpoints({ server: 'cloud' });
  assert.deepEqual([apiUrl, dashboardUrl], ['https://api.useautumn.com', 'https://app.useautumn.com']);
  assert.ok(scopes.includes('customers:read'));
  assert.equal(endpoints({ server: autumn.url }).dashboardUrl, null);
});
