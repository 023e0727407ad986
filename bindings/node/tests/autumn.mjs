// A local Autumn for one test file, with the routes through which the test plays the user and the browser.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export class Autumn {
  static async start() {
    const child = spawn(process.env.ATMN_BINARY, ['serve', '--controls', '--port', '0', '--quiet'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = await once(createInterface(child.stdout), 'line');
    return new Autumn(child, url);
  }

  constructor(child, url) {
    this.child = child;
    this.url = url;
  }

  async stop() {
    this.child.kill();
    await once(this.child, 'exit');
  }

  async control(method, path, body) {
    const response = await fetch(`${this.url}/_test/${path}`, {
      method,
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: body && JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** The callback URL after Ada has approved the login for Copper Kettle. */
  async callback(url) {
    const person = { person: 'ada@example.com', organization: 'copper-kettle' };
    return (await this.control('POST', 'approve', { url, ...person })).callback;
  }

  async denial(url) {
    return (await this.control('POST', 'deny', { url })).callback;
  }

  /** Does what user and browser do, and returns the last page. */
  async approve(url) {
    return browse(await this.callback(url));
  }

  async deny(url) {
    return browse(await this.denial(url));
  }

  keys() {
    return this.control('GET', 'keys');
  }

  /** A valid key of Copper Kettle. */
  async secretKey(environment = 'sandbox') {
    const fits = (key) =>
      key.kind === 'secret' && key.environment === environment && key.organization === 'copper-kettle' && !key.revoked;
    return (await this.keys()).find(fits).key;
  }

  revoke(key) {
    return this.control('POST', 'revoke', { key });
  }

  fault(path, fault, more = {}) {
    return this.control('POST', 'faults', { path, fault, ...more });
  }

  requests() {
    return this.control('GET', 'log');
  }
}

export async function browse(url) {
  const response = await fetch(url, { headers: { connection: 'close' } });
  return response.text();
}
