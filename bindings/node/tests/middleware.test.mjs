// The middleware, in the frameworks that it is for.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import express from 'express';
import { Hono } from 'hono';
import { AuthenticationError } from 'libatmn';
import { expressMiddleware, fetchMiddleware, honoMiddleware } from 'libatmn/middleware';

const KEY = 'am_sk_test_0123456789ab';
const customers = new Map([[KEY, 'Copper Kettle']]);
const verify = async ({ key }) => key && customers.get(key.reveal());
const REFUSAL = { message: 'Invalid secret key', code: 'invalid_secret_key', env: 'live' };

/** What every framework does; `ask(path, key)` sends a request. */
async function behaves(ask, events) {
  const allowed = await ask('/v1/hello', KEY);
  assert.deepEqual([allowed.status, await allowed.text()], [200, 'Hello Copper Kettle']);
  const refused = await ask('/v1/hello', 'am_sk_live_planted0123456789');
  assert.deepEqual([refused.status, await refused.json()], [401, REFUSAL]);
  assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
  assert.equal((await (await ask('/v1/hello')).json()).code, 'no_secret_key');
  assert.deepEqual(events, ['request_refused', 'request_refused']);
  assert.equal((await ask('/v1/broken', KEY)).status, 500);
}

const request = (base, path, key) =>
  new Request(new URL(path, base), { headers: key ? { authorization: `Bearer ${key}`, connection: 'close' } : {} });

test('expressMiddleware protects routes of Express', async (t) => {
  const events = [];
  const app = express();
  app.use('/v1', expressMiddleware(verify, { onEvent: ({ code }) => events.push(code) }));
  app.get('/v1/hello', (_, response) => response.send(`Hello ${response.locals.principal}`));
  app.get('/v1/broken', () => {
    throw new AuthenticationError({ code: 'no_secret_key', message: 'of the handler', body: {} });
  });
  app.get('/health', (_, response) => response.send('ok'));
  app.use((_error, _request, response, _next) => response.status(500).end());
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const base = `http://127.0.0.1:${server.address().port}`;
  await behaves((path, key) => fetch(request(base, path, key)), events);
  assert.equal(await (await fetch(`${base}/health`)).text(), 'ok');
});

test('honoMiddleware protects routes of Hono', async () => {
  const events = [];
  const app = new Hono();
  app.use('/v1/*', honoMiddleware(verify, { onEvent: ({ code }) => events.push(code) }));
  app.get('/v1/hello', (context) => context.text(`Hello ${context.get('principal')}`));
  app.get('/v1/broken', () => {
    throw new Error('of the handler');
  });
  app.onError((_error, context) => context.text('broken', 500));
  app.get('/health', (context) => context.text('ok'));
  const ask = async (path, key) => app.fetch(request('http://shop.example', path, key));
  await behaves(ask, events);
  assert.equal(await (await ask('/health')).text(), 'ok');
});

test('fetchMiddleware wraps a handler', async () => {
  const events = [];
  const handler = async (request, principal, more) => {
    if (request.url.endsWith('/broken')) return new Response('', { status: 500 });
    assert.deepEqual(more, { params: 1 });
    return new Response(`Hello ${principal}`);
  };
  const wrapped = fetchMiddleware(handler, verify, { onEvent: ({ code }) => events.push(code) });
  await behaves((path, key) => wrapped(request('http://shop.example', path, key), { params: 1 }), events);
  const broken = fetchMiddleware(() => Promise.reject(new Error('mine')), verify);
  await assert.rejects(broken(request('http://shop.example', '/', KEY)), { message: 'mine' });
});

test('verify that throws refuses the request', async () => {
  const app = new Hono();
  const failing = () => {
    throw new Error('planted');
  };
  app.use(honoMiddleware(failing));
  const response = await app.fetch(request('http://shop.example', '/', KEY));
  assert.deepEqual([response.status, (await response.json()).code], [401, 'failed_to_verify_secret_key']);
});

test('onError receives what verify threw, and the request is refused', async () => {
  const cause = new Error('database');
  const failing = () => Promise.reject(cause);
  const errors = [];
  const options = { onError: async (error) => errors.push(error) };
  const handler = () => new Response('served');
  const wrapped = fetchMiddleware(handler, failing, options);
  assert.equal((await wrapped(request('http://shop.example', '/', KEY))).status, 401);
  assert.equal((await wrapped(request('http://shop.example', '/'))).status, 401);
  assert.deepEqual(
    errors.map((error) => [error instanceof AuthenticationError, error.code, error.cause]),
    [[true, 'failed_to_verify_secret_key', cause]],
  );
  const throwing = fetchMiddleware(handler, failing, {
    onError: () => {
      throw new Error('of the log');
    },
  });
  await assert.rejects(throwing(request('http://shop.example', '/', KEY)), { message: 'of the log' });
});

test('a listener that fails with any value lets no request through', async () => {
  const failing = () => Promise.reject(new Error('database'));
  const served = () => assert.fail('the request was let through');
  for (const value of [undefined, null, 0, '', false, 'route', 'router']) {
    const rejecting = () => Promise.reject(value);
    for (const options of [{ onError: rejecting }, { onEvent: rejecting }]) {
      const isFailure = (error) => error instanceof Error && error.cause === value;
      const key = request('http://shop.example', '/', KEY);
      await assert.rejects(async () => fetchMiddleware(served, failing, options)(key), isFailure);
      const context = { req: { raw: key }, json: () => assert.fail('no refusal is expected'), set: served };
      await assert.rejects(async () => honoMiddleware(failing, options)(context, served), isFailure);
      const passed = [];
      const incoming = { method: 'GET', url: '/', originalUrl: '/', headers: { authorization: `Bearer ${KEY}` } };
      await expressMiddleware(failing, options)(incoming, { locals: {} }, (error) => passed.push(error));
      assert.ok(passed.length === 1 && isFailure(passed[0]), String(value));
    }
  }
});

test('wrong options are refused when the middleware is made', () => {
  for (const make of [expressMiddleware, honoMiddleware, (...rest) => fetchMiddleware(() => {}, ...rest)]) {
    assert.throws(() => make(), { name: 'TypeError', code: 'invalid_argument' });
    assert.throws(() => make(verify, { foo: 1 }), { name: 'TypeError' });
    assert.throws(() => make(verify, { onError: 5 }), { name: 'TypeError' });
    assert.throws(
      () => make(verify, { accepts: 'zz' }),
      (error) => error.context.option === 'accepts',
    );
  }
  assert.throws(() => fetchMiddleware(undefined, verify), { name: 'TypeError' });
});

test('import and require load the same functions', () => {
  const require = createRequire(import.meta.url);
  assert.equal(require('libatmn/middleware').expressMiddleware, expressMiddleware);
});
