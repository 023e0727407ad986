// The local Autumn for users' tests.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { ApiError, AtmnError, Client, login, resolveKey, startLogin } from 'libatmn';
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
  assert.ok((await autumn.requests()).some(({ method, status }) => method === 'GET' && status === 422));
  await autumn.reset();
  assert.deepEqual(await autumn.requests(), []);
});

test('the requests have what a test asserts on, and no key', async (t) => {
  const autumn = await startAutumn();
  t.after(() => autumn.stop());
  const client = await autumn.client();
  const key = await autumn.secretKey();
  const json = { customer_id: 'cus_log', metadata: { key: key.reveal() } };
  await client.request('POST', '/v1/customers', { json, query: { expand: 'a b' }, headers: { 'X-Tag': '7' } });
  const [entry, ...more] = await autumn.requests();
  assert.deepEqual(more, []);
  const { headers, body, ...rest } = entry;
  assert.deepEqual(rest, { method: 'POST', path: '/v1/customers', query: 'expand=a+b', status: 200 });
  assert.equal(new URLSearchParams(rest.query).get('expand'), 'a b');
  assert.deepEqual([headers['x-tag'], headers.authorization], ['7', `Bearer ${key}`]);
  assert.deepEqual(JSON.parse(body), { customer_id: 'cus_log', metadata: { key: 'am_sk_…' } });
});

test('keys are of an environment and an organization, and have all scopes', async (t) => {
  const autumn = await startAutumn();
  t.after(() => autumn.stop());
  const other = { organization: 'copper-kettle' };
  for (const [key, slug, env] of [
    [await autumn.secretKey(), 'night-library', 'sandbox'],
    [await autumn.secretKey('live', other), 'copper-kettle', 'live'],
  ]) {
    const me = (await (await autumn.client({ key })).request('GET', '/v1/organization/me')).json();
    assert.deepEqual([me.slug, me.env], [slug, env]);
  }
  const { path: directory } = new Project(t);
  await login({ server: autumn.url, directory, openBrowser: false, onEvent: autumn.onEvent });
  const json = { customer_id: 'cus_first', feature_id: 'messages' };
  const loggedIn = await autumn.client({ directory });
  await assert.rejects(loggedIn.request('POST', '/v1/check', { json }), {
    status: 403,
    apiCode: 'insufficient_scopes',
  });
  assert.equal((await (await autumn.client()).request('POST', '/v1/check', { json })).json().allowed, true);
});

test('a client for live calls has a live key', async (t) => {
  const autumn = await startAutumn();
  t.after(() => autumn.stop());
  const client = await autumn.client({ environment: 'live' });
  assert.equal((await client.request('GET', '/v1/organization/me')).json().env, 'live');
});

test('the variables are for a child process, and this one keeps its own', async (t) => {
  const before = { ...process.env };
  const autumn = await startAutumn();
  t.after(() => autumn.stop());
  const variables = await autumn.variables({ organization: 'copper-kettle' });
  assert.deepEqual({ ...process.env }, before);
  const program = "import { whoami } from 'libatmn'; console.log((await whoami()).organization.slug)";
  const env = { ...process.env, ...variables };
  const { stdout } = await node(['--input-type=module', '-e', program], { env });
  assert.equal(stdout.trim(), 'copper-kettle');
});

for (const [organization, slug] of [
  ['copper-kettle', 'copper-kettle'],
  ['paper-lantern', 'paper-lantern'],
  ['org_3HsBpY7fPaperLantern', 'paper-lantern'],
]) {
  test(`a login is approved for the organization that the test chooses: ${organization}`, async (t) => {
    const autumn = await startAutumn();
    t.after(() => autumn.stop());
    const { path: directory } = new Project(t);
    const attempt = await startLogin({ server: autumn.url, directory, openBrowser: false });
    const browser = autumn.approve(attempt.url, { organization });
    assert.equal((await attempt.wait()).organization.slug, slug);
    await browser;
    assert.equal(resolveKey({ directory, environment: 'sandbox' }).key.environment, 'sandbox');
    assert.ok(await autumn.secretKey('sandbox', { organization }));
  });
}

test('a login of another server ends at once', async (t) => {
  const [first, second] = await Promise.all([startAutumn(), startAutumn()]);
  t.after(() => Promise.all([first.stop(), second.stop()]));
  const { path: directory } = new Project(t);
  const refused = login({ server: first.url, directory, openBrowser: false, onEvent: second.onEvent });
  await assert.rejects(refused, { code: 'invalid_argument', context: { option: 'loginUrl' } });
});

test('wrong arguments are refused, and failures are errors of the library', async (t) => {
  const autumn = await startAutumn();
  t.after(() => autumn.stop());
  for (const [call, option] of [
    [() => autumn.secretKey(7), 'environment'],
    [() => autumn.secretKey('live', { organisation: 'x' }), 'organisation'],
    [() => autumn.variables('live'), 'options'],
    [() => autumn.client({ colour: 'red' }), 'colour'],
    [() => autumn.revoke(7), 'key'],
    [() => autumn.client({ timeoutMs: '5' }), 'timeoutMs'],
    [() => autumn.approve(undefined), 'loginUrl'],
    [() => autumn.deny(7), 'loginUrl'],
    [() => autumn.answer(7, { status: 200 }), 'path'],
    [() => autumn.answer('/', { status: '200' }), 'status'],
    [() => autumn.answer('/', {}), 'status'],
    [() => autumn.delay('/', '5'), 'milliseconds'],
    [() => autumn.answer('/', { status: 200, headers: { 'retry-after': 60 } }), 'headers'],
    [() => autumn.answer('/', { status: 200, headers: { x: () => {} } }), 'headers'],
    [() => autumn.client(null), 'options'],
    [() => autumn.client(new Date()), 'options'],
    [() => autumn.client(Object.create({ key: 'am_sk_test_0123456789' })), 'options'],
  ]) {
    const isRefusal = (error) => error instanceof TypeError && error.context.option === option;
    await assert.rejects(call, isRefusal, `${call}`);
  }
  for (const [call, option] of [
    [() => autumn.secretKey('prod'), 'environment'],
    [() => autumn.secretKey('live', { organization: 'unknown' }), 'organization'],
    [() => autumn.revoke('am_sk_test_unknown'), 'key'],
    [() => autumn.revoke('\ud800'), 'key'],
    [() => autumn.answer('/v1/x', { status: 200, body: '\ud800' }), 'body'],
    [() => autumn.answer('/v1/x', { status: 200, body: 'a'.repeat(100_000) }), 'body'],
    [() => autumn.answer('/v1/x', { status: 200, body: 'short', headers: { x: 'a'.repeat(100_000) } }), 'headers'],
    [() => autumn.answer(`/${'a'.repeat(100_000)}`, { status: 200, body: 'short' }), 'path'],
    [() => autumn.delay(`/${'a'.repeat(100_000)}`, 5), 'path'],
    [() => autumn.deny('a'.repeat(100_000)), 'loginUrl'],
    [() => autumn.approve('nonsense', { organization: 'a'.repeat(100_000) }), 'organization'],
    [() => autumn.answer('/v1/x', { status: 200, headers: { x: '\ud800' } }), 'headers'],
    [() => autumn.answer('/v1/a b', { status: 200 }), 'path'],
    [() => autumn.answer('/_test/log', { status: 200 }), 'path'],
    [() => autumn.approve('http://localhost:1/'), 'loginUrl'],
    [() => autumn.approve('nonsense', { organization: 'unknown' }), 'organization'],
    [() => autumn.deny('nonsense'), 'loginUrl'],
    [() => autumn.answer('v1', { status: 200 }), 'path'],
    [() => autumn.answer('/v1?a=b', { status: 200 }), 'path'],
    [() => autumn.answer('/', { status: 99 }), 'status'],
    [() => autumn.answer('/', { status: 200, headers: { 'a b': 'c' } }), 'headers'],
    [() => autumn.answer('/', { status: 200, count: 0 }), 'count'],
    [() => autumn.delay('/', -1), 'milliseconds'],
  ]) {
    const isRefusal = (error) =>
      error instanceof AtmnError && error.code === 'invalid_argument' && error.context.option === option;
    await assert.rejects(call, isRefusal, `${call}`);
  }
  await autumn.stop();
  for (const call of [() => autumn.secretKey(), () => autumn.requests(), () => autumn.reset()]) {
    await assert.rejects(call, (error) => error instanceof AtmnError && error.code === 'connect_failed');
  }
});

for (const name of ['.env', '.env.local']) {
  test(`a login that would overwrite a key of another server in ${name} ends`, async (t) => {
    const autumn = await startAutumn();
    t.after(() => autumn.stop());
    const { path: directory } = new Project(t);
    const content =
      'AUTUMN_SECRET_KEY=am_sk_test_planted0123456789\nAUTUMN_PROD_SECRET_KEY=am_sk_live_planted0123456789\n';
    writeFileSync(join(directory, name), content);
    const options = { server: autumn.url, openBrowser: false, onEvent: autumn.onEvent, force: true };
    await assert.rejects(
      login({ ...options, directory }),
      (error) =>
        error instanceof AtmnError && error.context.option === 'directory' && error.hint.includes('`directory`'),
    );
    assert.equal(readFileSync(join(directory, name), 'utf8'), content);
    const { path: other } = new Project(t);
    // The second login replaces keys of this server.
    for (let logins = 0; logins < 2; logins++) await login({ ...options, directory: other });
  });
}

test('a client is one of this server and of the organization that the options name', async (t) => {
  const autumn = await startAutumn();
  t.after(() => autumn.stop());
  assert.equal((await autumn.client({ server: undefined, key: undefined })).server, autumn.url);
  const client = await autumn.client({ organization: 'paper-lantern' });
  assert.equal((await client.request('GET', '/v1/organization/me')).json().slug, 'paper-lantern');
});

test('require and import share the classes of the errors', async (t) => {
  const require = createRequire(import.meta.url);
  for (const [start, Class] of [
    [startAutumn, AtmnError],
    [require('libatmn/testing').startAutumn, require('libatmn').AtmnError],
  ]) {
    const autumn = await start();
    t.after(() => autumn.stop());
    await assert.rejects(
      autumn.answer('/v1/x', { status: 200, body: '\ud800' }),
      (error) => error instanceof Class && error.name === 'AtmnError',
    );
  }
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
