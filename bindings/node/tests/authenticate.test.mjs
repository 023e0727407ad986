import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { ApiKey, AuthenticationError, authenticate } from 'libatmn';
import { vectors } from './project.mjs';

const KEY = 'am_sk_live_planted000001';
const request = { method: 'GET', path: '/v1/customers', headers: { Authorization: `Bearer ${KEY}` } };

const answers = {
  valid: () => 'customer',
  unknown: () => null,
  false: () => false,
  cannot_tell: () => {
    throw new Error('store is down');
  },
};

/** The same request in each form that servers have. */
function forms({ method, path, headers }) {
  const forms = [
    { method, path, headers },
    { method, url: path, headers },
  ];
  const flat = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  forms.push({ method, url: '/', originalUrl: path, headers: {}, rawHeaders: flat.flat() });
  const isCleanUrl = URL.canParse(`http://a${path}`) && new URL(`http://a${path}`).pathname === path.split('?')[0];
  const isHeader = flat.every(([, value]) => value === value.trim() && /^[\t\x20-\x7e]*$/.test(value));
  if (isHeader && isCleanUrl && /^[A-Z]+$/.test(method) && !['TRACE', 'CONNECT'].includes(method)) {
    forms.push(new Request(`http://a${path}`, { method, headers: new Headers(flat) }));
  }
  return forms;
}

test('authenticate answers requests of every form as the vectors say', async () => {
  const cases = vectors('authenticate.json');
  assert.ok(cases.length >= 100);
  let asked = 0;
  for (const { name, store, accepts, expect, ...rest } of cases) {
    for (const form of forms(rest)) {
      const refusals = [];
      const verify = store ? answers[store] : () => assert.fail(`${name}: verify was called`);
      const seen = [];
      const noted = (credential) => {
        seen.push(credential);
        return verify(credential);
      };
      const options = { accepts, onEvent: (event) => refusals.push(event) };
      const result = await authenticate(form, noted, options).catch((error) => error);
      asked++;
      if (expect.status) {
        assert.ok(result instanceof AuthenticationError, `${name}: ${result}`);
        assert.deepEqual([result.status, result.body, result.code], [401, expect.body, expect.body.code], name);
        assert.deepEqual(Object.keys(result.body), ['message', 'code', 'env']);
        assert.equal(refusals[0].context.code, expect.body.code);
        if (store === 'cannot_tell') assert.equal(result.cause.message, 'store is down');
      } else {
        assert.equal(result, 'customer', name);
        const [{ kind, environment }] = seen;
        assert.deepEqual({ kind, environment }, { environment: null, ...expect }, name);
      }
    }
  }
  assert.ok(asked > cases.length * 3);
});

test('verify receives the key and may return a promise', async () => {
  const verify = async ({ kind, environment, key }) => {
    assert.ok(key instanceof ApiKey);
    await new Promise((resolve) => setImmediate(resolve));
    return { kind, environment, text: key.reveal() };
  };
  assert.deepEqual(await authenticate(request, verify), { kind: 'secret', environment: 'live', text: KEY });
});

test('authenticate refuses falsy values and generators from verify', async () => {
  for (const unknown of [null, undefined, false, 0, -0, NaN, 0n, '']) {
    await assert.rejects(
      authenticate(request, () => unknown),
      { code: 'invalid_secret_key' },
    );
    await assert.rejects(
      authenticate(request, async () => unknown),
      { code: 'invalid_secret_key' },
    );
  }
  for (const principal of [1, 'ada', true, {}]) assert.equal(await authenticate(request, () => principal), principal);
  const generator = function* () {};
  const asyncGenerator = async function* () {};
  for (const verify of [generator, asyncGenerator]) {
    await assert.rejects(authenticate(request, verify), { name: 'TypeError', message: /not a generator/ });
  }
});

test('a header that is not a string is refused without repeating it', async () => {
  const value = `Bearer ${KEY}`;
  for (const wrong of [[3], { value }, Symbol(value), () => value, 3, Object(value), [{ value }]]) {
    for (const headers of [{ authorization: wrong }, { get: () => wrong }, new Map([['authorization', wrong]])]) {
      const error = await authenticate({ ...request, headers }, () => 'customer').catch((error) => error);
      assert.equal(error.name, 'TypeError');
      assert.doesNotMatch(inspect(error), /planted/);
    }
  }
  const distinct = new Map([['authorization', [value]]]);
  assert.equal(await authenticate({ ...request, headers: distinct }, () => 'customer'), 'customer');
});

test('the error of verify is the cause and is not in the response', async () => {
  for (const reason of [new Error('db planted'), 'planted text', undefined]) {
    const verify = () => Promise.reject(reason);
    const error = await authenticate(request, verify).catch((error) => error);
    assert.equal(error.code, 'failed_to_verify_secret_key');
    assert.doesNotMatch(JSON.stringify(error.body) + error.message, /planted/);
    assert.equal(error.cause instanceof Error && (error.cause === reason || error.cause.cause === reason), true);
  }
});

test('authenticate refuses a request with two keys', async (t) => {
  const server = http.createServer(async (incoming, response) => {
    const error = await authenticate(incoming, () => 'customer').catch((error) => error);
    response.writeHead(error.status ?? 200).end(JSON.stringify(error.body ?? error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const ask = async (authorization) => {
    const sent = http.request({ port: server.address().port, host: '127.0.0.1', path: '/v1/x', agent: false });
    for (const value of authorization) sent.appendHeader('authorization', value);
    const [response] = await once(sent.end(), 'response');
    return (await response.toArray()).join('');
  };
  assert.match(await ask([`Bearer ${KEY}`]), /customer/);
  assert.match(await ask([`Bearer ${KEY}`, 'Bearer am_sk_live_other00001']), /invalid_auth_header/);
  assert.match(await ask([]), /no_secret_key/);
});

test('a refusal is an event without the key, and errors of the listener reach the caller', async () => {
  const events = [];
  const path = `/v1/customers/${KEY}?key=${KEY}`;
  await assert.rejects(authenticate({ ...request, path }, () => null, { onEvent: (event) => events.push(event) }));
  assert.equal(events[0].code, 'request_refused');
  assert.doesNotMatch(JSON.stringify(events), /planted/);
  const thrown = new Error('log is full');
  const onEvent = () => {
    throw thrown;
  };
  await assert.rejects(
    authenticate(request, () => null, { onEvent }),
    (error) => error === thrown,
  );
});
