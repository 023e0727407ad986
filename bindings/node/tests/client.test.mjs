import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiError, ApiKey, Client } from 'libatmn';
import { Autumn } from './autumn.mjs';
import { Project } from './project.mjs';

let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

/** A project with a valid key, and a client whose listener approves logins. */
async function working(t, more) {
  const project = new Project(t);
  project.write('.env', `AUTUMN_SECRET_KEY=${await autumn.secretKey()}\n`);
  const events = [];
  const onEvent = (event) => {
    events.push(event.code);
    if (event.code === 'login_url') autumn.approve(event.context.url);
  };
  const options = { server: autumn.url, directory: project.path, openBrowser: false, onEvent };
  return { project, events, client: new Client({ ...options, ...more }), options };
}

test('request sends the active key and returns the response', async (t) => {
  const { client } = await working(t);
  const made = await client.request('post', '/v1/customers', { json: { id: 'cus_42', name: 'Ada ☂' } });
  assert.equal(made.status, 200);
  assert.match(made.headers['content-type'], /^application\/json/);
  assert.ok(made.body instanceof Uint8Array && made.body.length > 0);
  assert.equal(made.json().name, 'Ada ☂');
  assert.equal(JSON.parse(made.text()).id, 'cus_42');
  const list = await client.request('GET', '/v1/customers', { query: { limit: 10 } });
  assert.ok(list.json().list.some(({ id }) => id === 'cus_42'));
});

test('request sends every form of query, headers and body', async (t) => {
  const { createServer } = await import('node:http');
  const { once } = await import('node:events');
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join('');
    const { authorization, host, ...headers } = request.headers;
    response.setHeader('x-many', ['one', 'two']).end(JSON.stringify({ url: request.url, headers, body }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const client = new Client({ key: 'am_sk_test_0123456789', server: `http://127.0.0.1:${server.address().port}` });
  const ask = async (options) => (await client.request('PUT', '/v1/x', options)).json();
  for (const query of [
    { a: ['1', 2], b: true },
    { a: ['1', undefined, 2], cursor: undefined, b: true },
    new URLSearchParams('a=1&a=2&b=true'),
    [
      ['a', '1'],
      ['a', '2'],
      ['b', 'true'],
    ],
  ]) {
    assert.equal((await ask({ query })).url, '/v1/x?a=1&a=2&b=true');
  }
  for (const headers of [
    { 'X-One': 'yes' },
    new Headers({ 'x-one': 'yes' }),
    [['x-one', 'yes']],
    { 'x-one': 'yes', 'x-two': undefined },
  ]) {
    assert.equal((await ask({ headers })).headers['x-one'], 'yes');
  }
  for (const body of ['grün', new TextEncoder().encode('grün'), Buffer.from('grün')]) {
    const seen = await ask({ body, contentType: 'text/plain', idempotencyKey: 'once' });
    assert.deepEqual(
      [seen.body, seen.headers['content-type'], seen.headers['idempotency-key']],
      ['grün', 'text/plain', 'once'],
    );
  }
  assert.equal((await ask({ json: null })).body, 'null');
  const { headers } = await client.request('GET', '/v1/x');
  assert.equal(headers['x-many'], 'one, two');
});

test('request rejects with an ApiError for a status of 404', async (t) => {
  const { client } = await working(t);
  const error = await client.request('GET', '/v1/nowhere').catch((error) => error);
  assert.ok(error instanceof ApiError);
  assert.deepEqual([error.code, error.status], ['api_error', 404]);
});

test('hints of request name what this call can change', async (t) => {
  const { createServer } = await import('node:http');
  const { once } = await import('node:events');
  const server = createServer((_, response) => response.writeHead(304).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const client = new Client({ key: 'am_sk_test_0123456789', server: `http://127.0.0.1:${server.address().port}` });
  const conditional = client.request('GET', '/v1/x', { headers: { 'if-none-match': '"1"' } });
  await assert.rejects(conditional, ({ status, hint }) => status === 304 && /If-None-Match/.test(hint));
  await assert.rejects(client.request('GET', 'v1/x'), ({ hint }) => /^Start the path with `\/`.*client\.$/.test(hint));
});

test('request rejects with login_needed if no login is allowed', async (t) => {
  const { client, project } = await working(t);
  await autumn.revoke(project.read('.env').trim().split('=')[1]);
  await assert.rejects(client.request('GET', '/v1/customers'), (error) => {
    assert.equal(error.code, 'login_needed');
    assert.ok(!(error instanceof ApiError));
    return true;
  });
  assert.throws(() => client.submit('?code=x&state=y'), { code: 'no_pending_login' });
});

test('a hundred requests with a rejected key share one login', async (t) => {
  const { client, project, events } = await working(t, { reauth: 'always' });
  const old = project.read('.env').trim().split('=')[1];
  await client.request('GET', '/v1/organization/me');
  await autumn.revoke(old);
  const tokens = async () => (await autumn.requests()).filter(({ path }) => path.endsWith('/oauth2/token')).length;
  const before = await tokens();
  const calls = Array.from({ length: 100 }, () => client.request('GET', '/v1/customers'));
  const answers = await Promise.all(calls);
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal((await tokens()) - before, 1);
  assert.equal(events.includes('keys_saved'), true);
  assert.notEqual(project.read('.env').trim().split('=')[1], old);
});

test('reauthenticate returns a new key or rejects', async (t) => {
  const { client, project, options } = await working(t, { reauth: 'always', organization: 'copper-kettle' });
  const old = new ApiKey(project.read('.env').trim().split('=')[1]);
  await autumn.revoke(old.reveal());
  const { key, source } = await client.reauthenticate(old);
  assert.ok(project.read('.env').includes(key.reveal()) && key.reveal() !== old.reveal());
  assert.equal(source.path, project.file('.env'));
  await assert.rejects(client.reauthenticate('am_pk_test_0123456789'), { code: 'wrong_key_kind' });
  const given = new Client({ ...options, reauth: 'always', key: old });
  await assert.rejects(given.request('GET', '/v1/customers'), { code: 'invalid_secret_key' });
});

test('an aborted request leaves the login to the others', async (t) => {
  const { project, options } = await working(t);
  const old = project.read('.env').trim().split('=')[1];
  await autumn.revoke(old);
  const controller = new AbortController();
  let url;
  const onEvent = (event) => {
    if (event.code !== 'login_url' || url) return;
    url = event.context.url;
    controller.abort('leaving');
  };
  const client = new Client({ ...options, reauth: 'always', onEvent });
  const leaving = client.request('GET', '/v1/customers', { signal: controller.signal });
  const staying = client.request('GET', '/v1/customers');
  await assert.rejects(leaving, (reason) => reason === 'leaving');
  client.submit(await autumn.callback(url));
  assert.equal((await staying).status, 200);
});

test('a request rejects with the error of its listener', async (t) => {
  const { project, options } = await working(t);
  await autumn.revoke(project.read('.env').trim().split('=')[1]);
  const thrown = new Error('mine');
  const throwing = () => {
    throw thrown;
  };
  for (const onEvent of [throwing, async () => throwing()]) {
    const client = new Client({ ...options, reauth: 'always', onEvent });
    await assert.rejects(client.request('GET', '/v1/customers'), (error) => error === thrown);
  }
});

test('client and errors do not show the key', async () => {
  const { inspect } = await import('node:util');
  const planted = 'am_sk_test_planted0123456789';
  const client = new Client({ server: autumn.url, key: planted });
  const error = await client.request('GET', '/v1/customers').catch((error) => error);
  const seen = [client, error].map((value) => inspect(value, { depth: 9, showHidden: true, customInspect: false }));
  assert.doesNotMatch(seen.join() + error.stack + JSON.stringify([client, error]), /planted/);
});
