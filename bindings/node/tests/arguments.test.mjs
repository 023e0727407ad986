import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as libatmn from 'libatmn';
import { Project } from './project.mjs';

const {
  ApiKey,
  Client,
  authenticate,
  beginLogin,
  classifyKey,
  completeLogin,
  explainKey,
  login,
  logout,
  resolveKey,
  saveKeys,
  startLogin,
  terminalListener,
  whoami,
} = libatmn;

/** Things that are of no type that any argument has, secrets among them. */
const wrong = [0, 7, NaN, true, Symbol('x'), 10n, [], ['am_sk_test_planted000'], {}, { planted: 1 }, null, new Date()];
const functions = [() => {}, class {}];
const texts = ['', 'am_sk_test_planted000', 'planted\ud800'];

const onEvent = () => {};
const key = 'am_sk_test_planted000';

/** Every option of every operation, and what it may be. */
const text = (value) => typeof value === 'string' && value.isWellFormed();
const flag = (value) => typeof value === 'boolean';
const number = (value) => typeof value === 'number';
const listener = (value) => typeof value === 'function';
const signal = () => false;
const object = (value) => typeof value === 'object' && value !== null;
const client = new Client({ key, server: 'http://127.0.0.1:9' });
const resolve = { key: text, environment: text, directory: text, boundary: text };
const save = { directory: text, allowTracked: flag, gitignore: text };
const begin = { ...save, server: text, sandboxOnly: flag, organization: text };
const start = { ...begin, loginTimeoutMs: number, openBrowser: flag, force: flag, onEvent: listener, signal };
const operations = [
  ['resolveKey', resolveKey, resolve],
  ['explainKey', explainKey, resolve],
  ['saveKeys', (options) => saveKeys([key], options), save],
  ['logout', logout, { directory: text, server: text }],
  ['beginLogin', beginLogin, begin],
  ['startLogin', startLogin, start],
  ['login', login, start],
  ['completeLogin', (options) => completeLogin('x', options), { loginTimeoutMs: number, onEvent: listener, signal }],
  ['whoami', whoami, { ...resolve, server: text, timeoutMs: number, signal }],
  [
    'Client',
    (options) => new Client(options),
    {
      ...resolve,
      server: text,
      timeoutMs: number,
      responseLimit: number,
      reauth: text,
      organization: text,
      loginTimeoutMs: number,
      openBrowser: flag,
      onEvent: listener,
    },
  ],
  [
    'client.request',
    (options) => client.request('GET', '/v1/x', options),
    {
      query: object,
      headers: object,
      json: () => true,
      body: text,
      contentType: text,
      idempotencyKey: text,
      signal,
    },
  ],
  ['client.reauthenticate', (options) => client.reauthenticate(key, options), { signal }],
  [
    'authenticate',
    (options) => authenticate({ method: 'GET', path: '/', headers: {} }, () => 1, options),
    { accepts: text, onEvent: listener },
  ],
];

/** A `TypeError` that names the argument and repeats nothing of it, thrown or rejected. */
async function refuses(name, what, call) {
  const outcome = await (async () => call())().then(
    (value) => assert.fail(`${what} was taken: ${String(value)}`),
    (error) => error,
  );
  assert.ok(outcome instanceof TypeError, `${what}: ${outcome}`);
  assert.equal(outcome.code, 'invalid_argument', what);
  assert.equal(outcome.context.option, name, what);
  assert.doesNotMatch(`${outcome.stack}${JSON.stringify(outcome)}`, /planted|\[object/, what);
}

for (const [name, operation, options] of operations) {
  test(`${name} refuses every option of another type`, async () => {
    for (const [option, fits] of Object.entries(options)) {
      for (const value of [...wrong, ...functions, ...texts]) {
        if (fits(value)) continue;
        await refuses(option, `${name} ${option}`, () => operation({ [option]: value }));
      }
    }
  });

  test(`${name} refuses options that are none, and names that nobody knows`, async () => {
    for (const value of [null, 7, 'text', true, Symbol('x'), [], () => {}]) {
      await refuses('options', name, () => operation(value));
    }
    for (const unknown of ['timeout', 'planted', 'constructor', '__proto__x', 'toString']) {
      const call = () => operation({ [unknown]: 1 });
      const error = await (async () => call())().catch((error) => error);
      assert.ok(error instanceof TypeError && error.context.option === unknown, `${name} ${unknown}: ${error}`);
    }
  });
}

test('arguments before the options are looked at too', async () => {
  for (const value of [...wrong, ...functions, undefined, 'planted\ud800']) {
    await refuses('text', 'classifyKey', () => classifyKey(value));
    await refuses('text', 'ApiKey', () => new ApiKey(value));
    await refuses('text', 'completeLogin', () => completeLogin(value));
    await refuses('text', 'submit', () => client.submit(value));
    await refuses('method', 'request', () => client.request(value, '/'));
    await refuses('path', 'request', () => client.request('GET', value));
    await refuses('rejected', 'reauthenticate', () => client.reauthenticate(value));
    if (!Array.isArray(value)) await refuses('keys', 'saveKeys', () => saveKeys(value));
    await refuses('keys', 'saveKeys', () => saveKeys([value]));
    const request = { method: 'GET', path: '/', headers: {} };
    if (typeof value !== 'function') {
      await refuses('verify', 'authenticate', () => authenticate(request, value));
    }
    await refuses('request', 'authenticate', () => authenticate(value, () => 1));
    if (value !== undefined && !Array.isArray(value)) {
      const headers = { authorization: value };
      if (typeof value !== 'string')
        await refuses('request', 'headers', () => authenticate({ ...request, headers }, () => 1));
      if (typeof value !== 'string') await refuses('key', 'reveal', () => resolveKey({ key: { reveal: () => value } }));
    }
  }
  await refuses('stream.write', 'terminalListener', () => terminalListener({}));
});

const ask = (options) => client.request('POST', '/v1/x', options);

test('values of the right type that mean nothing are wrong arguments as well', async (t) => {
  const { path: directory } = new Project(t);
  const cases = [
    [resolveKey, 'environment', 'staging'],
    [resolveKey, 'directory', '/nowhere/at/all'],
    [resolveKey, 'boundary', '/nowhere/at/all'],
    [resolveKey, 'directory', 'a\0b'],
    [(options) => saveKeys([key], options), 'gitignore', 'perhaps'],
    [logout, 'server', 'http://example.com'],
    [startLogin, 'server', 'ftp://localhost'],
    [startLogin, 'loginTimeoutMs', 0],
    [startLogin, 'loginTimeoutMs', -1],
    [startLogin, 'loginTimeoutMs', Number.NaN],
    [startLogin, 'loginTimeoutMs', Number.MAX_VALUE],
    [(options) => login({ ...options, onEvent }), 'loginTimeoutMs', 0],
    [whoami, 'timeoutMs', -1],
    [whoami, 'server', 'https://user:planted@example.com'],
    [(options) => new Client(options), 'reauth', 'sometimes', {}],
    [(options) => new Client(options), 'timeoutMs', 0, {}],
    [(options) => new Client(options), 'loginTimeoutMs', -5, {}],
    [(options) => new Client(options), 'responseLimit', 1.5, {}],
    [(options) => new Client(options), 'responseLimit', Number.NaN, {}],
    [ask, 'query', { a: {} }, {}],
    [ask, 'query', ['ab'], {}],
    [ask, 'query', [['a', 'b', 'c']], {}],
    [ask, 'headers', { a: Symbol('planted') }, {}],
    [ask, 'headers', { a: new ApiKey(key) }, {}],
    [ask, 'headers', { a: `${new ApiKey(key)}` }, {}],
    [ask, 'headers', { authorization: 'Bearer planted' }, {}],
    [ask, 'json', 10n, {}],
    [ask, 'json', () => {}, {}],
    [ask, 'json', 1, { body: 'x' }],
    [ask, 'idempotencyKey', 'x\r\ny', {}],
    [() => client.request('BREW', '/'), 'method'],
    [() => client.request('GET', 'https://evil.example/planted'), 'path'],
    [operations.at(-1)[1], 'accepts', 'everything', {}],
  ];
  for (const [operation, option, value, around = { directory }] of cases) {
    await refuses(option, `${option} ${value}`, () => operation({ ...around, [option]: value }));
  }
});

test('every function is asked here', () => {
  const asked = [
    ...operations.map(([name]) => name).filter((name) => !name.includes('.')),
    'classifyKey',
    'terminalListener',
    'ApiKey',
  ];
  const own = ['LoginAttempt', 'AtmnError', 'ApiError', 'AuthenticationError'];
  const functions = Object.entries(libatmn).filter(([, value]) => typeof value === 'function');
  const offered = functions.map(([name]) => name).filter((name) => !own.includes(name));
  assert.deepEqual(offered.sort(), asked.sort());
});
