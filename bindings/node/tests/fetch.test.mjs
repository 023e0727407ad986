// `client.fetch`: what it adds to Node's fetch, and what it leaves as it is.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import { Client, login, secretKey } from 'libatmn';
import { startAutumn } from 'libatmn/testing';
import { Autumn, browse } from './autumn.mjs';
import { Project, vectors } from './project.mjs';

let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

const KEY = 'am_sk_test_planted0123456789';

/** A server that answers as `answer` says, and records the requests. */
async function server(t, answer) {
  const seen = [];
  const listening = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { method, url, headers } = request;
    seen.push({ method, url, headers, body });
    answer(response, seen.length);
  }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  t.after(() => listening.close());
  return { url: `http://127.0.0.1:${listening.address().port}`, seen };
}

/** A project with the keys of a login, which this machine therefore knows. */
async function loggedIn(t, more = {}) {
  const project = new Project(t);
  const common = { server: autumn.url, directory: project.path, openBrowser: false };
  const done = await login({ ...common, onEvent: approve });
  const events = [];
  const onEvent = (event) => {
    events.push(event);
    approve(event);
  };
  const client = new Client({ ...common, reauth: 'always', onEvent, ...more });
  return { project, client, events, key: done.keys[0] };
}

const approve = ({ code, context }) => code === 'login_url' && autumn.approve(context.url);

test('fetch takes a path, a URL or a Request, with an init', async (t) => {
  const { url, seen } = await server(t, (response) => response.setHeader('x-one', '1').end('grün'));
  const client = new Client({ key: KEY, server: url });
  assert.equal(client.server, url);
  const init = { method: 'PUT', body: 'grün', headers: { 'x-mine': 'yes', authorization: 'Bearer other' } };
  const inputs = ['/v1/x?a=1', `${url}/v1/x?a=1`, new URL(`${url}/v1/x?a=1`), new Request(`${url}/v1/x?a=1`)];
  for (const input of inputs) {
    const response = await client.fetch(input, init);
    assert.ok(response instanceof Response);
    assert.deepEqual([response.status, response.headers.get('x-one'), await response.text()], [200, '1', 'grün']);
  }
  for (const { method, url, headers, body } of seen) {
    assert.deepEqual([method, url, body], ['PUT', '/v1/x?a=1', 'grün']);
    assert.deepEqual([headers.authorization, headers['x-mine']], [`Bearer ${KEY}`, 'yes']);
  }
  const { fetch: unbound } = client;
  assert.equal((await unbound('/v1/x')).status, 200);
  assert.doesNotMatch(inspect(client, { showHidden: true, depth: 9 }), /planted/);
});

test('fetch refuses what is no path, URL or Request, and sends nothing', async (t) => {
  const local = await startAutumn();
  t.after(() => local.stop());
  const client = await local.client();
  for (const input of [undefined, null, 7, true, {}, Object.create(null), Symbol('x'), () => {}]) {
    await assert.rejects(
      client.fetch(input),
      (error) => error instanceof TypeError && error.context.option === 'input',
    );
  }
  assert.deepEqual(await local.requests(), []);
});

test('fetch sends the key to no other origin', async (t) => {
  const other = await server(t, (response) => response.end('other'));
  const own = await server(t, (response) => response.writeHead(307, { location: `${other.url}/taken` }).end());
  const client = new Client({ key: KEY, server: own.url });
  assert.equal(await (await client.fetch(`${other.url}/direct`)).text(), 'other');
  assert.equal(await (await client.fetch('/redirected')).text(), 'other');
  assert.equal(await (await client.fetch(`${own.url.replace('127.0.0.1', 'localhost')}/`)).text(), 'other');
  for (const { headers } of other.seen) assert.equal(headers.authorization, undefined);
  assert.equal(own.seen[0].headers.authorization, `Bearer ${KEY}`);
});

test('fetch repeats the body after a redirect, and sends the key to no other origin', async (t) => {
  const other = await server(t, (response) => response.end('other'));
  const bodies = [
    () => 'grün',
    () => new TextEncoder().encode('grün'),
    () => new Blob(['grün']),
    () => new Response('grün').body,
  ];
  for (const status of [307, 308]) {
    for (const origin of ['', other.url]) {
      for (const body of bodies) {
        const own = await server(t, (response, count) => {
          if (count === 1) response.writeHead(status, { location: `${origin}/moved` }).end();
          else response.end('own');
        });
        const client = new Client({ key: KEY, server: own.url });
        const init = { method: 'POST', headers: { 'content-type': 'text/x-mine' }, duplex: 'half', body: body() };
        assert.equal(await (await client.fetch('/first', init)).text(), origin ? 'other' : 'own');
        const { method, url, headers, body: received } = (origin ? other : own).seen.at(-1);
        assert.deepEqual([method, url, received], ['POST', '/moved', 'grün']);
        assert.equal(headers.authorization, origin ? undefined : `Bearer ${KEY}`);
        assert.deepEqual([headers['content-type'], headers['content-length']], ['text/x-mine', '5']);
      }
    }
  }
});

test('a signal ends fetch while it reads the body', async () => {
  const client = new Client({ key: KEY, server: 'http://127.0.0.1:9' });
  const controller = new AbortController();
  const reason = new Error('enough');
  let cancelled;
  const body = new ReadableStream({
    // Called when `fetch` reads.
    pull: () => {
      setTimeout(() => controller.abort(reason));
      return new Promise(() => {});
    },
    cancel: (given) => {
      cancelled = given;
    },
  });
  const init = { method: 'POST', duplex: 'half', signal: controller.signal, body };
  await assert.rejects(client.fetch('/v1/x', init), (error) => error === reason);
  assert.equal(cancelled, reason);
});

test('a body that cannot be read fails as with fetch', async () => {
  const client = new Client({ key: KEY, server: 'http://127.0.0.1:9' });
  const failure = new RangeError('mine');
  const failing = new ReadableStream({
    pull() {
      throw failure;
    },
  });
  const send = (body) => client.fetch('/v1/x', { method: 'POST', duplex: 'half', body });
  await assert.rejects(send(failing), (error) => error === failure);
  const texts = new ReadableStream({ start: (stream) => stream.enqueue('text') });
  await assert.rejects(send(texts), { name: 'TypeError' });
});

test('fetch retries as the vectors say', async (t) => {
  const fits = ({ answers }) => answers.every(({ status, retry_after: after }) => status && !(Number(after) > 0));
  const cases = vectors('retry.json').filter((vector) => fits(vector) && !vector.clock && vector.took === undefined);
  assert.ok(cases.length > 15);
  for (const { name, method, idempotency_key: key, answers, requests } of cases) {
    const own = await server(t, (response, count) => {
      const { status, retry_after: after, date } = answers[Math.min(count, answers.length) - 1];
      if (after !== undefined) response.setHeader('retry-after', after);
      if (date !== undefined) response.setHeader('date', date);
      response.writeHead(status === 307 ? 308 : status).end();
    });
    const events = [];
    const client = new Client({ key: KEY, server: own.url, onEvent: ({ code }) => events.push(code) });
    const headers = key ? { 'idempotency-key': 'once' } : {};
    const { status } = await client.fetch('/v1/x', { method, headers });
    assert.equal(own.seen.length, requests, name);
    assert.ok(events.length === requests - 1 && events.every((code) => code === 'retrying'), name);
    assert.equal(status, answers[requests - 1].status === 307 ? 308 : answers[requests - 1].status, name);
  }
});

test('a request that did not arrive is retried, and the last failure is that of fetch', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address();
  closed.close();
  await once(closed, 'close');
  const events = [];
  const onEvent = ({ message, context }) => events.push([context.attempt, /ECONNREFUSED/.test(message)]);
  const client = new Client({ key: KEY, server: `http://127.0.0.1:${port}`, onEvent });
  const failure = { name: 'TypeError', message: 'fetch failed' };
  await assert.rejects(client.fetch('/v1/x', { method: 'POST', body: '{}' }), failure);
  const refused = [2, 3, 4].map((attempt) => [attempt, true]);
  assert.deepEqual(events, refused);
});

test('a rejected key leads to one login for all requests, and each is repeated once with its body', async (t) => {
  const { client, events, key } = await loggedIn(t);
  await autumn.revoke(key.reveal());
  const headers = { 'content-type': 'application/json' };
  const create = (id) => client.fetch('/v1/customers', { method: 'POST', headers, body: JSON.stringify({ id }) });
  const responses = await Promise.all(Array.from({ length: 20 }, (_, index) => create(`cus_${index}`)));
  const ids = await Promise.all(responses.map(async (response) => (await response.json()).id));
  assert.deepEqual(
    ids,
    Array.from({ length: 20 }, (_, index) => `cus_${index}`),
  );
  const count = (wanted) => events.filter(({ code }) => code === wanted).length;
  assert.deepEqual([count('key_rejected'), count('request_repeated')], [20, 20]);
});

test('without a login, fetch returns the answer that rejected the key', async (t) => {
  const { client: never, key, project } = await loggedIn(t, { reauth: 'never' });
  const given = new Client({ server: autumn.url, key: key.reveal(), reauth: 'always', onEvent: approve });
  await autumn.revoke(key.reveal());
  for (const client of [never, given]) {
    const response = await client.fetch('/v1/customers');
    assert.deepEqual([response.status, (await response.json()).code], [401, 'invalid_secret_key']);
  }
  assert.ok(project.read('.env').includes(key.reveal()));
});

test('fetch rejects with the error of its login, also if the server answers the login with 401', async (t) => {
  const { project, key } = await loggedIn(t);
  const before = project.read('.env');
  const body = JSON.stringify({ message: 'Invalid secret key', code: 'invalid_secret_key' });
  const path = '/v1/organization/me';
  // Ada chooses an organization that cannot be compared then, so the new keys are not saved.
  const onEvent = async ({ code, context: { url } }) => {
    if (code !== 'login_url') return;
    await autumn.fault(path, 'answer', { status: 401, body, count: 9 });
    const other = { person: 'ada@example.com', organization: 'night-library' };
    browse((await autumn.control('POST', 'approve', { url, ...other })).callback);
  };
  t.after(() => autumn.control('DELETE', 'faults'));
  const options = { server: autumn.url, directory: project.path, openBrowser: false, reauth: 'always', onEvent };
  await autumn.revoke(key.reveal());
  for (const call of ['fetch', 'request']) {
    const client = new Client(options);
    const calling = call === 'fetch' ? client.fetch('/v1/customers') : client.request('GET', '/v1/customers');
    await assert.rejects(calling, ({ code, url, context }) => {
      assert.deepEqual([code, url, context.keys_may_exist], ['invalid_secret_key', `${autumn.url}${path}`, 'true']);
      return true;
    });
    await autumn.control('DELETE', 'faults');
  }
  assert.equal(project.read('.env'), before);
});

test('a 401 that says nothing about the key leads to no login', async (t) => {
  const { client, events } = await loggedIn(t);
  const body = JSON.stringify({ code: 'failed_to_verify_secret_key', message: 'down', env: 'sandbox' });
  await autumn.fault('/v1/customers', 'answer', { status: 401, body });
  assert.equal((await client.fetch('/v1/customers')).status, 401);
  assert.deepEqual(events, []);
});

test('a POST is not repeated if the organization of the rejected key is not known', async (t) => {
  const project = new Project(t);
  const key = await autumn.secretKey();
  project.write('.env', `AUTUMN_SECRET_KEY=${key}\n`);
  const options = {
    server: autumn.url,
    directory: project.path,
    openBrowser: false,
    reauth: 'always',
    onEvent: approve,
  };
  await autumn.revoke(key);
  await assert.rejects(new Client(options).fetch('/v1/customers', { method: 'POST', body: '{}' }), {
    code: 'request_not_repeated',
  });
  assert.notEqual(await secretKey({ directory: project.path }), key);
  assert.equal((await new Client(options).fetch('/v1/customers')).status, 200);
});

test('init.signal ends a request, a pause and a login', async (t) => {
  const { client, key } = await loggedIn(t, { onEvent: () => controller.abort('leaving') });
  let controller = new AbortController();
  await autumn.fault('/v1/customers', 'delay', { milliseconds: 60_000 });
  const slow = client.fetch('/v1/customers', { signal: controller.signal });
  setImmediate(() => controller.abort('leaving'));
  await assert.rejects(slow, (reason) => reason === 'leaving');
  await autumn.control('DELETE', 'faults');

  controller = new AbortController();
  await autumn.fault('/v1/customers', 'answer', { status: 503, headers: { 'retry-after': '20' } });
  await assert.rejects(client.fetch('/v1/customers', { signal: controller.signal }), (reason) => reason === 'leaving');

  controller = new AbortController();
  await autumn.revoke(key.reveal());
  await assert.rejects(client.fetch('/v1/customers', { signal: controller.signal }), (reason) => reason === 'leaving');
  await assert.rejects(
    client.fetch('/v1/customers', { signal: AbortSignal.abort('early') }),
    (reason) => reason === 'early',
  );
});

test('fetch rejects if there is no key, or the listener throws', async (t) => {
  const project = new Project(t);
  const options = { server: autumn.url, directory: project.path, boundary: project.path };
  await assert.rejects(new Client(options).fetch('/v1/customers'), { code: 'key_not_found' });
  const own = await server(t, (response) => response.writeHead(503).end());
  const onEvent = async () => {
    throw new Error('mine');
  };
  await assert.rejects(new Client({ key: KEY, server: own.url, onEvent }).fetch('/'), { message: 'mine' });
});

test('fetch streams a response', async (t) => {
  const own = await server(t, (response) => {
    response.write('first');
    own.end = () => response.end('last');
  });
  const response = await new Client({ key: KEY, server: own.url }).fetch('/v1/events');
  const chunks = [];
  for await (const chunk of response.body) {
    chunks.push(Buffer.from(chunk).toString());
    if (chunks.length === 1) own.end();
  }
  assert.equal(chunks.join(''), 'firstlast');
});
