// Sends the cases to one server, as a program and as the browser of a signed-in user.

import { createHash } from 'node:crypto';
import { CLIENT_ID, PASSWORD, SCOPES } from '../server/auth.mjs';

const AUTHORIZE = '/api/auth/oauth2/authorize';
const VERIFIER = 'a verifier of which the other side sees the hash first';
const FORM = 'application/x-www-form-urlencoded';
const CALLBACK = 'http://localhost:314';

export class Client {
  #cookies = new Map();

  /** `names` holds the values of the `$name` placeholders in the cases. */
  constructor(server, file) {
    this.server = server;
    this.file = file;
    this.names = {
      client: CLIENT_ID,
      scopes: SCOPES.join(' '),
      verifier: VERIFIER,
      challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    };
  }

  static async of(server, file) {
    const client = new Client(server, file);
    const keys = await server.control('keys');
    const own = (kind, environment) =>
      keys.find((key) => key.organization === 'copper-kettle' && key.kind === kind && key.environment === environment).key;
    const [sandbox, live, publishable] = [own('secret', 'sandbox'), own('secret', 'live'), own('publishable', 'sandbox')];
    Object.assign(client.names, { sandbox, live, publishable });
    await client.signIn();
    for (const name of ['revoked', 'revokedLive']) {
      await client.steps([{ token: {} }, { mint: '$token' }], ({ body }) => {
        client.names[name] = name === 'revoked' ? body.sandbox_key : body.prod_key;
      });
      await server.control('revoke', { key: client.names[name] });
    }
    return client;
  }

  /** Runs the steps of a case in order; returns their results. */
  async steps(steps, onResult = () => {}) {
    const own = {};
    const results = [];
    for (const step of steps) {
      const result = await this.#step(step, own);
      own.token = result.body?.access_token ?? own.token;
      own.minted = result.body?.sandbox_key ?? own.minted;
      onResult(result);
      results.push(result);
    }
    return results;
  }

  async #step(step, own) {
    if (step.decision) return this.#callback(await this.#decide(step));
    if (step.authorize) return this.#authorize(step.authorize);
    if (step.token && !own.code) own.code = (await this.#decide({ decision: 'allow' })).searchParams.get('code');
    const fill = (text) => this.#fill(text, own);
    const [method, path] = step.get ? ['GET', step.get] : ['POST', step.post ?? this.#path(step)];
    const headers = Object.fromEntries(Object.entries(step.headers ?? {}).map(([name, text]) => [name, fill(text)]));
    const bearer = step.key ?? step.mint;
    if (bearer) headers.authorization = `Bearer ${fill(bearer)}`;
    const form = step.token ? this.#form(this.file.token, step.token, own) : this.#form({ client_id: '$client' }, step.revoke, own);
    const body = { method, headers };
    if (step.token || step.revoke) body.body = form;
    if (step.form) body.body = new URLSearchParams(step.form);
    if (step.json) Object.assign(headers, { 'content-type': 'application/json' });
    if (step.json ?? step.text) body.body = step.text ?? JSON.stringify(step.json);
    return this.#summary(await fetch(this.server.url + path, { ...body, redirect: 'manual' }));
  }

  #path(step) {
    if (step.mint) return '/cli/api-keys';
    return step.token ? '/api/auth/oauth2/token' : '/api/auth/oauth2/revoke';
  }

  #fill(text, own = {}) {
    return text.replace(/\$(\w+)/g, (_, name) => own[name] ?? this.names[name] ?? `$${name}`);
  }

  /** The default parameters with those of the case; `null` omits a parameter. */
  #form(defaults, own, names) {
    const all = Object.entries({ ...defaults, ...own }).filter(([, text]) => text !== null);
    return new URLSearchParams(all.map(([name, text]) => [name, this.#fill(text, names)]));
  }

  async #summary(response) {
    const text = await response.text();
    const type = response.headers.get('content-type')?.split(';')[0];
    if (!text) return { status: response.status, body: 'empty' };
    return { status: response.status, type, body: type === 'application/json' ? JSON.parse(text) : 'text' };
  }

  async #authorize(own) {
    const response = await this.#visit(`${AUTHORIZE}?${this.#form(this.file.authorize, own)}`);
    const [location, page] = await this.#redirectOf(response);
    if (location?.startsWith(CALLBACK)) return this.#callback(new URL(location));
    // The two servers may show their own error page in different ways, but with the same error code.
    const error = location ? new URL(location).searchParams.get('error') : /Code: <code>(\w+)<|"code":"(\w+)"/.exec(page);
    return { to: 'the page of the server', error: Array.isArray(error) ? error[1] ?? error[2] : error ?? undefined };
  }

  /** The redirect target and the body. Better Auth answers `fetch` with the target in JSON instead of a redirect. */
  async #redirectOf(response) {
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return [isJson ? JSON.parse(text).url : response.headers.get('location'), text];
  }

  #callback(url) {
    const body = Object.fromEntries(url.searchParams);
    if (body.iss === `${this.server.url}/api/auth`) body.iss = 'the issuer';
    return { to: url.origin + url.pathname, body };
  }

  /** Approves or denies as a user; returns the callback URL. */
  async #decide({ decision, authorize = {} }) {
    const url = `${this.server.url}${AUTHORIZE}?${this.#form(this.file.authorize, authorize)}`;
    if (this.server.isLocal) {
      const choice = { person: 'ada@example.com', organization: 'copper-kettle' };
      const { callback } = await this.server.control(decision === 'allow' ? 'approve' : 'deny', { url, ...choice });
      return new URL(callback);
    }
    const consent = await this.#visit(url.slice(this.server.url.length));
    const [page] = await this.#redirectOf(consent);
    const oauth_query = new URL(page).search.slice(1);
    await this.#post('/organization/set-active', { organizationSlug: 'copper-kettle' });
    const response = await this.#post('/oauth2/consent', { accept: decision === 'allow', oauth_query });
    return new URL(response.url);
  }

  async signIn() {
    if (!this.server.isLocal) await this.#post('/sign-in/email', { email: 'ada@example.com', password: PASSWORD });
  }

  async #post(path, body) {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', origin: this.server.url } };
    const response = await this.#visit(`/api/auth${path}`, { ...init, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  async #visit(path, init = {}) {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
    const headers = { ...init.headers, cookie };
    const response = await fetch(this.server.url + path, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.#cookies.set(name, value);
    }
    return response;
  }
}
