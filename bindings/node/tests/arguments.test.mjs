import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as libatmn from 'libatmn';
import { Project } from './project.mjs';

const {
  ApiError,
  ApiKey,
  AtmnError,
  AuthenticationError,
  Client,
  authenticate,
  classifyKey,
  completeLogin,
  configure,
  login,
  logout,
  resolveKey,
  saveKeys,
  saveKeysAsync,
  startLogin,
  terminalListener,
  whoami,
} = libatmn;

/** Values that have the type of no argument, secrets among them. */
const wrong = [0, 7, NaN, true, Symbol('x'), 10n, [], ['am_sk_test_planted000'], {}, { planted: 1 }, null, new Date()];
const functions = [() => {}, class {}];
const strings = ['', 'am_sk_test_planted000'];
const illFormed = 'planted\ud800';

const onEvent = () => {};
const key = 'am_sk_test_planted000';
const client = new Client({ key, server: 'http://127.0.0.1:9' });

/** Which values have the type of an option; a name means the same in every operation. */
const text = (value) => typeof value === 'string';
const boolean = (value) => typeof value === 'boolean';
const number = (value) => typeof value === 'number';
const listener = (value) => typeof value === 'function';
const signal = () => false;
const texts = (value) => Array.isArray(value) && value.every(text);
const object = (value) => typeof value === 'object' && value !== null;
const json = (value) => typeof value !== 'function' && typeof value !== 'symbol';
const types = {
  accepts: text,
  allowTracked: boolean,
  body: text,
  boundary: text,
  contentType: text,
  directory: text,
  environment: text,
  file: text,
  force: boolean,
  gitignore: text,
  headers: object,
  idempotencyKey: text,
  json,
  key: text,
  loginCommand: text,
  input: (value) => typeof value?.on === 'function',
  loginTimeoutMs: number,
  offline: boolean,
  onEvent: listener,
  openBrowser: boolean,
  organization: text,
  query: object,
  reauth: text,
  responseLimit: number,
  retries: number,
  sandboxOnly: boolean,
  scopes: texts,
  server: text,
  signal,
  throw: boolean,
  timeoutMs: number,
};

/** The arguments before the options. */
const incoming = { method: 'GET', path: '/', headers: {} };
const before = {
  saveKeys: [[key]],
  saveKeysAsync: [[key]],
  completeLogin: ['x'],
  authenticate: [incoming, () => 1],
  request: ['GET', '/v1/x'],
  reauthenticate: [key],
};

/** Functions and methods without options. */
const withoutOptions = ['classifyKey', 'consoleListener', 'fetch', 'pinoListener', 'terminalListener', 'submit'];

/** Every function that takes options, those of a client included, as functions of the options alone. */
const exported = Object.entries(libatmn.default).filter(([name, value]) => /^[a-z]/.test(name) && listener(value));
const descriptors = Object.entries(Object.getOwnPropertyDescriptors(Client.prototype));
const isMethod = ([name, { value }]) => name !== 'constructor' && listener(value);
const methods = descriptors.filter(isMethod).map(([name]) => name);
const operations = [
  ['Client', (options) => new Client(options)],
  ...exported.map(([name, call]) => [name, (options) => call(...(before[name] ?? []), options)]),
  ...methods.map((name) => [name, (options) => client[name](...(before[name] ?? []), options)]),
].filter(([name]) => !withoutOptions.includes(name));

/** The names of the options, which the error for an unknown one lists. */
async function optionsOf(operation) {
  const { message } = await (async () => operation({ unknown: 1 }))().catch((error) => error);
  return message
    .split(/; there (?:are|is only) /)[1]
    .replace(/\.$/, '')
    .split(', ');
}

/** The error of a call, thrown or rejected, which names the argument and repeats nothing of it. */
async function errorOf(name, what, call) {
  const error = await (async () => call())().then(
    (value) => assert.fail(`${what} was accepted: ${String(value)}`),
    (error) => error,
  );
  assert.equal(error.code, 'invalid_argument', `${what}: ${error}`);
  assert.equal(error.context.option, name, what);
  assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}`, /planted|\[object/, what);
  return error;
}

async function refusesType(name, what, call) {
  const error = await errorOf(name, what, call);
  assert.ok(error instanceof TypeError, `${what}: ${error}`);
}

async function refusesValue(name, what, call) {
  const error = await errorOf(name, what, call);
  assert.ok(error instanceof AtmnError, `${what}: ${error}`);
}

for (const [name, operation] of operations) {
  test(`${name} refuses options of the wrong type`, async () => {
    for (const option of await optionsOf(operation)) {
      const fits = types[option];
      assert.ok(fits, `add the type of ${option} to this test`);
      for (const value of [...wrong, ...functions, ...strings]) {
        if (fits(value)) continue;
        await refusesType(option, `${name} ${option}`, () => operation({ [option]: value }));
      }
      if (fits === text) await refusesValue(option, name, () => operation({ [option]: illFormed }));
      if (fits === texts) await refusesValue(option, name, () => operation({ [option]: ['x', illFormed] }));
    }
  });

  test(`${name} refuses options that are not an object, and unknown names`, async () => {
    for (const value of [null, 7, 'text', true, Symbol('x'), [], () => {}]) {
      await refusesType('options', name, () => operation(value));
    }
    // Without the options that it inherits, the call would use another key.
    const settings = new (class {
      get key() {
        return 'am_sk_test_planted000';
      }
    })();
    for (const value of [settings, Object.create({ key }), new Map()]) {
      await refusesType('options', name, () => operation(value));
    }
    for (const unknown of ['timeout', 'planted', 'constructor', '__proto__x', 'toString']) {
      const error = await (async () => operation({ [unknown]: 1 }))().catch((error) => error);
      assert.ok(error instanceof TypeError && error.context.option === unknown, `${name} ${unknown}: ${error}`);
    }
  });
}

test('an unknown option is compared with those that there are', () => {
  const messageFor = (options) => {
    try {
      libatmn.configure(options);
    } catch (error) {
      return error.message;
    }
  };
  for (const name of ['logincommand', 'login_command', 'loginComand']) {
    assert.equal(messageFor({ [name]: 'x' }), `There is no option \`${name}\` here; did you mean \`loginCommand\`?`);
  }
  assert.equal(messageFor({ colour: 'x' }), 'There is no option `colour` here; there is only loginCommand.');
  assert.throws(() => libatmn.saveKeys([], { allowtracked: true }), /did you mean `allowTracked`\?$/);
  assert.throws(() => libatmn.saveKeys([], { ['x'.repeat(1e6)]: true }), /; there are /);
});

test('an unknown option whose name is a key is masked', () => {
  for (const [name, masked] of [
    [key, 'am_sk_test_…d000'],
    [`--key=${key}`, '…'],
  ]) {
    const isMasked = ({ message, context, stack }) =>
      context.option === masked && message.includes(`\`${masked}\``) && !stack.includes('planted');
    assert.throws(() => resolveKey({ [name]: 1 }), isMasked);
  }
});

test('errors that a program creates name the argument that is missing', () => {
  const given = { code: 'no_secret_key', message: 'No key.' };
  const cases = [
    ['failure', () => new AtmnError()],
    ['failure', () => new AtmnError(null)],
    ['failure', () => new ApiError('api_error')],
    ['code', () => new AtmnError({ message: 'No key.' })],
    ['message', () => new AtmnError({ code: 'key_not_found' })],
    ['refusal', () => new AuthenticationError()],
    ['body', () => new AuthenticationError(given)],
    ['body', () => new AuthenticationError({ ...given, body: 'no' })],
  ];
  for (const [option, create] of cases) {
    assert.throws(create, (error) => error instanceof TypeError && error.context.option === option);
  }
});

test('revoked proxies are refused by name', async () => {
  for (const target of [{}, [], () => {}]) {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    await refusesType('options', 'resolveKey', () => resolveKey(proxy));
    await refusesType('keys', 'saveKeys', () => saveKeys(proxy));
    await refusesType('keys', 'saveKeys', () => saveKeys([proxy]));
    await refusesType('key', 'resolveKey', () => resolveKey({ key: proxy }));
    await refusesType('signal', 'whoami', () => whoami({ signal: proxy }));
    await refusesType('onEvent', 'startLogin', () => startLogin({ onEvent: proxy }));
    await refusesType('request', 'authenticate', () => authenticate(proxy, () => 1));
    await refusesType('request', 'authenticate', () => authenticate({ ...incoming, headers: proxy }, () => 1));
    for (const option of ['query', 'headers', 'body', 'json']) {
      await refusesType(option, 'request', () => client.request('POST', '/v1/x', { [option]: proxy }));
    }
    await refusesType('failure', 'AtmnError', () => new AtmnError(proxy));
  }
});

test('other arguments of the wrong type are refused', async () => {
  for (const value of [...wrong, ...functions, undefined]) {
    await refusesType('text', 'classifyKey', () => classifyKey(value));
    await refusesType('text', 'ApiKey', () => new ApiKey(value));
    await refusesType('text', 'completeLogin', () => completeLogin(value));
    await refusesType('text', 'submit', () => client.submit(value));
    await refusesType('method', 'request', () => client.request(value, '/'));
    await refusesType('path', 'request', () => client.request('GET', value));
    await refusesType('rejected', 'reauthenticate', () => client.reauthenticate(value));
    if (!Array.isArray(value)) await refusesType('keys', 'saveKeys', () => saveKeys(value));
    await refusesType('keys', 'saveKeys', () => saveKeys([value]));
    if (typeof value !== 'function') await refusesType('verify', 'authenticate', () => authenticate(incoming, value));
    await refusesType('request', 'authenticate', () => authenticate(value, () => 1));
    await refusesType('key', 'reveal', () => resolveKey({ key: { reveal: () => value } }));
    if (value === undefined || Array.isArray(value)) continue;
    const headers = { authorization: value };
    await refusesType('request', 'headers', () => authenticate({ ...incoming, headers }, () => 1));
  }
  await refusesType('stream.write', 'terminalListener', () => terminalListener({}));
  await refusesType('keys', 'saveKeys', () => saveKeys(new Array(1)));
});

const ask = (options) => client.request('POST', '/v1/x', options);

test('values of the right type that cannot be used are an AtmnError', async (t) => {
  const { path: directory } = new Project(t);
  const cyclic = {};
  cyclic.self = cyclic;
  const cases = [
    [resolveKey, 'environment', 'staging'],
    [resolveKey, 'directory', '/nowhere/at/all'],
    [resolveKey, 'boundary', '/nowhere/at/all'],
    [resolveKey, 'directory', 'a\0b'],
    [(options) => saveKeys([key], options), 'gitignore', 'perhaps'],
    [(options) => saveKeysAsync([key], options), 'gitignore', 'perhaps'],
    [logout, 'server', 'http://example.com'],
    [startLogin, 'server', 'ftp://localhost'],
    [startLogin, 'loginTimeoutMs', 0],
    [startLogin, 'loginTimeoutMs', -1],
    [startLogin, 'loginTimeoutMs', Number.NaN],
    [startLogin, 'loginTimeoutMs', Number.MAX_VALUE],
    [startLogin, 'loginTimeoutMs', 2 ** 53],
    [(options) => login({ ...options, onEvent }), 'loginTimeoutMs', 0],
    [whoami, 'timeoutMs', -1],
    [whoami, 'server', 'https://user:planted@example.com'],
    [configure, 'loginCommand', ' ', {}],
    [(options) => new Client(options), 'reauth', 'sometimes', {}],
    [(options) => new Client(options), 'timeoutMs', 0, {}],
    [(options) => new Client(options), 'loginTimeoutMs', -5, {}],
    [(options) => new Client(options), 'responseLimit', 1.5, {}],
    [(options) => new Client(options), 'responseLimit', Number.NaN, {}],
    [ask, 'headers', { a: `${new ApiKey(key)}` }, {}],
    [ask, 'headers', { authorization: 'Bearer planted' }, {}],
    [ask, 'query', { a: illFormed }, {}],
    [ask, 'json', 10n, {}],
    [ask, 'json', cyclic, {}],
    [ask, 'json', 1, { body: 'x' }],
    [ask, 'contentType', 'text/plain', { headers: { 'Content-Type': 'text/html' } }],
    [ask, 'contentType', 'text/plain', { headers: [['content-type', 'text/html']] }],
    [ask, 'idempotencyKey', 'x\r\ny', {}],
    [ask, 'timeoutMs', 0, {}],
    [ask, 'timeoutMs', -1, {}],
    [ask, 'timeoutMs', Number.NaN, {}],
    [() => client.request('BREW', '/'), 'method'],
    [() => client.request('GET', 'https://evil.example/planted'), 'path'],
    [() => client.request('GET', 'v1/customers'), 'path'],
    [(options) => authenticate(incoming, () => 1, options), 'accepts', 'everything', {}],
    [() => completeLogin('nonsense'), 'text'],
    [() => classifyKey(illFormed), 'text'],
  ];
  for (const [operation, option, value, around = { directory }] of cases) {
    await refusesValue(option, `${option} ${String(value)}`, () => operation({ ...around, [option]: value }));
  }
});

test('a number outside its range is refused with the range', async () => {
  const times = /must be greater than zero and at most 4000000000000000\.$/u;
  const cases = [
    ['timeoutMs', -1, times],
    ['timeoutMs', 2 ** 53, times],
    ['timeoutMs', 0, /must be greater than zero\.$/u],
    ['retries', -1, /must be a whole number from 0 to 4294967295\.$/u],
    ['responseLimit', 1.5, /must be a whole number from 1 to 9007199254740991\.$/u],
  ];
  for (const [option, value, message] of cases) {
    assert.throws(() => new Client({ [option]: value }), { code: 'invalid_argument', message }, option);
  }
});

test('pairs of the wrong type are refused', async () => {
  const cases = [
    ['query', { a: {} }],
    ['query', ['ab']],
    ['query', [['a', 'b', 'c']]],
    ['headers', { a: Symbol('planted') }],
    ['headers', { a: new ApiKey(key) }],
  ];
  for (const [option, value] of cases) await refusesType(option, option, () => ask({ [option]: value }));
});

test('a body that JSON cannot hold keeps the error of JSON as its cause', async () => {
  const cyclic = {};
  cyclic.self = cyclic;
  const thrown = new Error('mine');
  const toJSON = () => {
    throw thrown;
  };
  await assert.rejects(
    ask({ json: cyclic }),
    ({ cause }) => cause instanceof TypeError && /circular/.test(cause.message),
  );
  await assert.rejects(ask({ json: 1n }), ({ cause }) => cause instanceof TypeError);
  await assert.rejects(ask({ json: { toJSON } }), ({ cause }) => cause === thrown);
});
