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

/** A server with one handler, and a client of it. */
async function serving(t, handler, options) {
  const { createServer } = await import('node:http');
  const { once } = await import('node:events');
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return new Client({ key: 'am_sk_test_0123456789', server: `http://127.0.0.1:${server.address().port}`, ...options });
}

test('ApiError carries the whole response and its request', async (t) => {
  const client = await serving(t, (request, response) => {
    response.writeHead(422, [
      ...['content-type', 'application/json', 'x-many', 'one', 'x-many', 'two', 'x-request-id', 'req_7'],
      ...['retry-after', '60', 'x-echo', request.headers.authorization],
    ]);
    response.end(
      `{"message":"Validation failed","errors":[{"path":"email"}],"echo":"${request.headers.authorization}"}`,
    );
  });
  const error = await client.request('post', '/v1/x?token=planted', { json: {} }).catch((error) => error);
  assert.ok(error instanceof ApiError);
  assert.deepEqual([error.status, error.method, error.url], [422, 'POST', `${client.server}/v1/x`]);
  assert.deepEqual([error.requestId, error.retryAfter], ['req_7', 60]);
  assert.equal(error.json().errors[0].path, 'email');
  assert.equal(error.text(), new TextDecoder().decode(error.body));
  assert.deepEqual([error.header('X-Many'), error.header('none')], ['one, two', null]);
  assert.deepEqual(error.headerValues('X-Many'), ['one', 'two']);
  assert.equal(error.headers['content-type'], 'application/json');
  const { inspect } = await import('node:util');
  const shown = `${inspect(error, { depth: 9, showHidden: true })} ${error.text()} ${error.header('x-echo')} ${error.stack}`;
  assert.doesNotMatch(shown, /0123456789|planted/);
});

test('an ApiError without a response has an empty body', () => {
  const error = new ApiError({ code: 'api_error', message: 'Busy.', status: 503 });
  assert.deepEqual([error.text(), error.headers, error.retryAfter], ['', {}, null]);
  const full = new ApiError({
    code: 'api_error',
    message: 'No.',
    status: 404,
    headers: { ETag: '1' },
    body: '{"a":1}',
  });
  assert.deepEqual([full.header('etag'), full.json()], ['1', { a: 1 }]);
});

test('a pause that is too long ends at once, and is told', async (t) => {
  const client = await serving(t, (_, response) => response.writeHead(503, { 'retry-after': '60' }).end());
  await assert.rejects(client.request('GET', '/v1/x'), { status: 503, retryAfter: 60 });
});

test('request with throw: false returns any status', async (t) => {
  const client = await serving(t, (_, response) => response.writeHead(404).end('gone'));
  const response = await client.request('GET', '/v1/x', { throw: false });
  assert.deepEqual([response.status, response.text()], [404, 'gone']);
  await assert.rejects(client.request('GET', '/v1/x', { throw: true }), { status: 404 });
});

test('retries are limited per client and per request', async (t) => {
  let count = 0;
  const handler = (_, response) => {
    count++;
    response.writeHead(503).end();
  };
  const tries = async (client, options) => {
    count = 0;
    await client.request('GET', '/v1/x', { throw: false, ...options });
    return count;
  };
  const [none, one] = [await serving(t, handler, { retries: 0 }), await serving(t, handler, { retries: 1 })];
  assert.deepEqual([await tries(none), await tries(none, { retries: 1 })], [1, 2]);
  assert.deepEqual([await tries(one), await tries(one, { retries: 0 })], [2, 1]);
  count = 0;
  assert.equal((await none.fetch('/v1/x')).status, 503);
  assert.equal(count, 1);
  for (const retries of [-1, 1.5, Number.NaN]) {
    await assert.rejects(none.request('GET', '/v1/x', { retries }), { code: 'invalid_argument' });
  }
});

test('request takes every body that is in memory, and says what to do with a stream', async (t) => {
  const client = await serving(t, async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    response.end(JSON.stringify({ type: request.headers['content-type'], body: body.toString('latin1') }));
  });
  const sent = async (body, options) => (await client.request('POST', '/v1/x', { body, ...options })).json();
  const bytes = new Uint8Array([0, 1, 2, 3]);
  for (const body of [bytes.buffer, new DataView(bytes.buffer), new Uint16Array(bytes.buffer), Buffer.from(bytes)]) {
    assert.equal((await sent(body)).body, '\x00\x01\x02\x03');
  }
  assert.equal((await sent(bytes.subarray(1, 3))).body, '\x01\x02');
  const form = new URLSearchParams({ a: '1 2', b: 'ü' });
  const formType = 'application/x-www-form-urlencoded;charset=UTF-8';
  assert.deepEqual(await sent(form), { type: formType, body: 'a=1+2&b=%C3%BC' });
  assert.equal((await sent(form, { contentType: 'text/plain' })).type, 'text/plain');
  const { Readable } = await import('node:stream');
  for (const stream of [Readable.from(['a']), new ReadableStream(), (async function* () {})()]) {
    await assert.rejects(
      sent(stream),
      (error) => error instanceof TypeError && /read the stream into memory/.test(error),
    );
  }
  await assert.rejects(sent(new Blob(['a'])), /arrayBuffer\(\)/);
  await assert.rejects(sent(new FormData()), /new Response\(form\)/);
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
    assert.ok(error instanceof ApiError);
    assert.deepEqual([error.status, error.json().code], [401, 'invalid_secret_key']);
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
