'use strict';

// A local Autumn for tests: `atmn serve` as a child process, and its control routes.

const { spawn } = require('node:child_process');
const { createInterface } = require('node:readline');
const { ApiKey, Client } = require('./index.js');

const PERSON = { person: 'ada@example.com', organization: 'night-library' };

async function startAutumn({ command } = {}) {
  const program = command ?? process.env.ATMN_BINARY ?? 'atmn';
  const child = spawn(program, ['serve', '--controls', '--port', '0', '--quiet'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // A test that fails to stop the server must be able to end.
  const release = () => child.kill();
  process.once('exit', release);
  const lines = createInterface(child.stdout);
  const url = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${program} serve ended with exit code ${code}.`)));
    lines.once('line', resolve);
  });
  child.unref();
  child.stdout.unref();
  return new LocalAutumn(url, () => {
    process.off('exit', release);
    return end(child);
  });
}

function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return undefined;
  child.ref();
  return new Promise((resolve) => {
    child.removeAllListeners('exit');
    child.once('exit', resolve);
    child.kill();
  });
}

class LocalAutumn {
  #end;

  constructor(url, end) {
    this.url = url;
    this.#end = end;
  }

  async stop() {
    await this.#end();
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
    const key = (options?.key ?? options?.directory) ? undefined : await this.secretKey();
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
