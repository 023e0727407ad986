'use strict';

// A local Autumn for tests: a server on a thread of the addon, and its control routes.

const { ApiKey, AtmnError, Client } = require('./index.js');
const native = require('./native.js');

const PERSON = { person: 'ada@example.com', organization: 'night-library' };

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

  constructor(url, end) {
    this.url = url;
    this.#end = end;
  }

  async stop() {
    this.#end();
  }

  async secretKey(environment = 'sandbox') {
    const fits = (key) =>
      key.kind === 'secret' &&
      key.environment === environment &&
      key.organization === PERSON.organization &&
      !key.revoked;
    return new ApiKey((await this.#control('GET', 'keys')).find(fits).key);
  }

  async client(options) {
    const key = (options?.key ?? options?.directory) ? undefined : await this.secretKey(options?.environment);
    return new Client({ server: this.url, ...(key && { key }), ...options });
  }

  async revoke(key) {
    await this.#control('POST', 'revoke', { key: typeof key === 'string' ? key : key.reveal() });
  }

  /** A listener, so bound. It does not wait for the login, which goes on after it has returned. */
  onEvent = ({ code, context }) => {
    if (code === 'login_url') this.approve(context.url).catch(() => {});
  };

  async approve(loginUrl) {
    await visit((await this.#control('POST', 'approve', { url: loginUrl, ...PERSON })).callback);
  }

  async deny(loginUrl) {
    await visit((await this.#control('POST', 'deny', { url: loginUrl })).callback);
  }

  async answer(path, { status, body = '', headers = {}, count = 1 }) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    await this.#control('POST', 'faults', { path, fault: 'answer', status, headers, body: text, count });
  }

  async delay(path, milliseconds, { count = 1 } = {}) {
    await this.#control('POST', 'faults', { path, fault: 'delay', milliseconds, count });
  }

  async reset() {
    await this.#control('DELETE', 'faults');
  }

  requests() {
    return this.#control('GET', 'log');
  }

  async #control(method, path, body) {
    // The connection ends, so that it does not keep the test alive.
    const headers = { 'content-type': 'application/json', connection: 'close' };
    const sent = body === undefined ? undefined : { body: JSON.stringify(body) };
    const response = await fetch(`${this.url}/_test/${path}`, { method, headers, ...sent });
    if (!response.ok) throw new Error(`The local Autumn answered ${response.status} to ${path}.`);
    return response.json();
  }
}

async function visit(url) {
  await (await fetch(url, { headers: { connection: 'close' } })).text();
}

module.exports = { startAutumn };
