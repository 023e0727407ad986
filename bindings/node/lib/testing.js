'use strict';

// A local Autumn for tests: a server on a thread of the addon, and its control routes.

const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { argument, json, key, number, pairs, readOptions, text } = require('./arguments.js');
const { wrongType, wrongValue } = require('./errors.js');
const { ApiError, ApiKey, AtmnError, Client } = require('./index.js');
const native = require('./native.js');
const { client: CLIENT } = require('./options.js');

const ORGANIZATION = 'night-library';
const LOGIN_TIMEOUT_MS = 300_000;
/** The server asks for no key on its control routes, but a client has one. */
const CONTROL_KEY = 'am_sk_test_control';
/** The options of each helper. */
const OPTIONS = {
  organization: { organization: text },
  variables: { environment: text, organization: text },
  answer: { status: number, body: json, headers: pairs, count: number },
  delay: { count: number },
};
/** What the server calls an argument, and its name here. */
const NAMES = { url: 'loginUrl' };

/** The servers that run, so that none is collected before it is stopped: a program may keep only the URL. */
const running = new Set();

async function startAutumn() {
  const server = native.startAutumn();
  const { type, content } = JSON.parse(server.url());
  if (type === 'failure') throw new AtmnError(content);
  running.add(server);
  return new LocalAutumn(content, () => {
    running.delete(server);
    server.stop();
  });
}

class LocalAutumn {
  #end;
  #control;

  constructor(url, end) {
    this.url = url;
    this.#end = end;
    this.#control = new Client({ server: url, key: CONTROL_KEY, retries: 0 });
  }

  async stop() {
    this.#end();
  }

  async secretKey(environment = 'sandbox', given) {
    argument('environment', text, environment);
    const { organization = ORGANIZATION } = readOptions(OPTIONS.organization, given);
    const fits = (key) =>
      key.kind === 'secret' &&
      key.environment === environment &&
      [key.organization, key.organization_id].includes(organization) &&
      key.scopes.length === 0 &&
      !key.revoked;
    const found = (await this.#ask('GET', 'keys')).find(fits);
    if (found) return new ApiKey(found.key);
    const wrong = ['sandbox', 'live'].includes(environment) ? 'organization' : 'environment';
    throw wrongValue(wrong, 'The local Autumn has no such key that works: check `environment` and `organization`.');
  }

  async variables(given) {
    const { environment, organization } = readOptions(OPTIONS.variables, given);
    const key = await this.secretKey(environment, { organization });
    return { ATMN_BACKEND_URL: this.url, AUTUMN_SECRET_KEY: key.reveal() };
  }

  async client(given) {
    const options = { server: this.url, ...readOptions(CLIENT, given) };
    const client = new Client(options);
    if (options.key !== undefined || options.directory !== undefined) return client;
    const { environment, organization } = options;
    return new Client({ ...options, key: await this.secretKey(environment, { organization }) });
  }

  async revoke(revoked) {
    const shown = typeof revoked?.reveal === 'function' ? revoked.reveal() : revoked;
    await this.#ask('POST', 'revoke', { key: argument('key', key, shown) });
  }

  /** A listener, so bound. It does not wait for the login, which goes on after it has returned. */
  onEvent = async ({ code, context }) => {
    if (code !== 'login_url') return;
    await this.#protect(context.path);
    const callback = await this.#callback(context.url, ORGANIZATION);
    visit(callback).catch(() => {});
  };

  /** Refuses a login that would overwrite a key of the developer: a test that names no `directory` runs in the project. */
  async #protect(path) {
    const own = new Set((await this.#ask('GET', 'keys')).map((each) => each.key));
    const files = [path, join(dirname(path), '.env.local')];
    const found = files.find((file) => secretKeysOf(file).some((each) => !own.has(each)));
    if (!found) return;
    throw new AtmnError({
      code: 'invalid_argument',
      message: `The login would write to \`${path}\`, but \`${found}\` has a key that this local Autumn did not create.`,
      hint: 'Pass `directory`, such as a temporary directory, to the login or the client.',
      context: { option: 'directory' },
    });
  }

  async approve(loginUrl, given) {
    const { organization = ORGANIZATION } = readOptions(OPTIONS.organization, given);
    await visit(await this.#callback(loginUrl, organization));
  }

  async deny(loginUrl) {
    await visit((await this.#ask('POST', 'deny', { url: argument('loginUrl', text, loginUrl) })).callback);
  }

  async #callback(loginUrl, organization) {
    const url = argument('loginUrl', text, loginUrl);
    return (await this.#ask('POST', 'approve', { url, organization })).callback;
  }

  async answer(path, given) {
    argument('path', text, path);
    const { status, body = '', headers = {}, count = 1 } = readOptions(OPTIONS.answer, given);
    argument('status', number, status);
    const sent = typeof body === 'string' ? body : JSON.stringify(body);
    await this.#ask('POST', 'faults', {
      path,
      fault: 'answer',
      status,
      headers: headersOf(headers),
      body: argument('body', text, sent),
      count,
    });
  }

  async delay(path, milliseconds, given) {
    const { count = 1 } = readOptions(OPTIONS.delay, given);
    argument('path', text, path);
    argument('milliseconds', number, milliseconds);
    await this.#ask('POST', 'faults', { path, fault: 'delay', milliseconds, count });
  }

  async reset() {
    await this.#ask('DELETE', 'faults');
    await this.#ask('DELETE', 'log');
  }

  async requests() {
    const log = await this.#ask('GET', 'log');
    return log.map(({ method, path, query, headers, body, status }) => ({
      method,
      path,
      query,
      headers,
      body,
      status,
    }));
  }

  /** What a control route answers. It refuses wrong values with their name. */
  async #ask(method, route, body) {
    try {
      return (await this.#control.request(method, `/_test/${route}`, body && { json: body })).json();
    } catch (error) {
      if (error.status === 413) throw tooLarge(body);
      const { field, message } = error instanceof ApiError && error.status === 400 ? error.json() : {};
      if (typeof field !== 'string') throw error;
      const name = NAMES[field] ?? field;
      throw wrongValue(name, message.replace(`\`${field}\``, `\`${name}\``));
    }
  }
}

/** Names the argument that takes most of a request. */
function tooLarge(body) {
  const [[field]] = Object.entries(body).sort(([, a], [, b]) => JSON.stringify(b).length - JSON.stringify(a).length);
  const name = NAMES[field] ?? field;
  return wrongValue(name, `\`${name}\` is larger than the local Autumn takes (64 KiB in all, as JSON).`);
}

/** The headers, whose names and values must be strings. */
function headersOf(given) {
  const entries = [...(typeof given[Symbol.iterator] === 'function' ? given : Object.entries(given))];
  for (const value of entries.flat()) {
    if (typeof value !== 'string') throw wrongType('headers', 'The names and values of `headers` must be strings.');
    if (!value.isWellFormed()) throw wrongValue('headers', 'The names and values of `headers` must be well-formed.');
  }
  return Object.fromEntries(entries);
}

/** The texts in a file that look like secret keys. */
function secretKeysOf(file) {
  try {
    return readFileSync(file, 'latin1').match(/am_sk_(?:test|live)_[\w-]+/g) ?? [];
  } catch {
    // A file that does not exist has no keys, and the login itself refuses one that it cannot read.
    return [];
  }
}

/** Opens a URL as a browser does, and follows redirects. */
async function visit(url) {
  for (let next = new URL(url), left = 5; next && left > 0; left--) {
    // The page of a login arrives when the program has finished it.
    const client = new Client({ server: next.origin, key: CONTROL_KEY, retries: 0, timeoutMs: LOGIN_TIMEOUT_MS });
    const response = await client.request('GET', next.pathname + next.search, { throw: false });
    const location = response.header('location');
    next = location && new URL(location, next);
  }
}

module.exports = { startAutumn };
