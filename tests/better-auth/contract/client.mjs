// Sends the cases to one server, as a program and as the browser of somebody who is signed in.

import { createHash } from 'node:crypto';
import { CLIENT_ID, PASSWORD, SCOPES } from '../server/auth.mjs';

const AUTHORIZE = '/api/auth/oauth2/authorize';
const VERIFIER = 'a verifier of which the other side sees the hash first';
const FORM = 'application/x-www-form-urlencoded';
const CALLBACK = 'http://localhost:314';

export class Client {
  #cookies = new Map();

  /** `names` are what the cases call `$…`. */
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

  /** The steps of a case, one after the other; what each brought. */
  async steps(steps, look = () => {}) {
    const own = {};
    const results = [];
    for (const step of steps) {
      const result = await this.#step(step, own);
      own.token = result.body?.access_token ?? own.token;
      own.minted = result.body?.sandbox_key ?? own.minted;
      look(result);
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
    return this.#told(await fetch(this.server.url + path, { ...body, redirect: 'manual' }));
  }

  #path(step) {
    if (step.mint) return '/cli/api-keys';
    return step.token ? '/api/auth/oauth2/token' : '/api/auth/oauth2/revoke';
  }

  #fill(text, own = {}) {
    return text.replace(/\$(\w+)/g, (_, name) => own[name] ?? this.names[name] ?? `$${name}`);
  }

  /** The parameters of the file, with a case's own in their places; `null` leaves one out. */
  #form(usual, own, names) {
    const all = Object.entries({ ...usual, ...own }).filter(([, text]) => text !== null);
    return new URLSearchParams(all.map(([name, text]) => [name, this.#fill(text, names)]));
  }

  async #told(answer) {
    const text = await answer.text();
    const type = answer.headers.get('content-type')?.split(';')[0];
    if (!text) return { status: answer.status, body: 'empty' };
    return { status: answer.status, type, body: type === 'application/json' ? JSON.parse(text) : 'text' };
  }

  async #authorize(own) {
    const answer = await this.#visit(`${AUTHORIZE}?${this.#form(this.file.authorize, own)}`);
    const [location, page] = await this.#whereTo(answer);
    if (location?.startsWith(CALLBACK)) return this.#callback(new URL(location));
    // How the server's own page is reached and looks is its business; what it says went wrong is not.
    const error = location ? new URL(location).searchParams.get('error') : /Code: <code>(\w+)<|"code":"(\w+)"/.exec(page);
    return { to: 'the page of the server', error: Array.isArray(error) ? error[1] ?? error[2] : error ?? undefined };
  }

  /** Better Auth tells `fetch`, which says that it is no navigation, where to go instead of sending it there. */
  async #whereTo(answer) {
    const text = await answer.text();
    const isTold = answer.headers.get('content-type')?.startsWith('application/json');
    return [isTold ? JSON.parse(text).url : answer.headers.get('location'), text];
  }

  #callback(url) {
    const body = Object.fromEntries(url.searchParams);
    if (body.iss === `${this.server.url}/api/auth`) body.iss = 'the issuer';
    return { to: url.origin + url.pathname, body };
  }

  /** What a person does on the pages; where the browser is sent then. */
  async #decide({ decision, authorize = {} }) {
    const url = `${this.server.url}${AUTHORIZE}?${this.#form(this.file.authorize, authorize)}`;
    if (this.server.isLocal) {
      const person = { person: 'ada@example.com', organization: 'copper-kettle' };
      const { callback } = await this.server.control(decision === 'allow' ? 'approve' : 'deny', { url, ...person });
      return new URL(callback);
    }
    const consent = await this.#visit(url.slice(this.server.url.length));
    const [page] = await this.#whereTo(consent);
    const oauth_query = new URL(page).search.slice(1);
    await this.#ask('/organization/set-active', { organizationSlug: 'copper-kettle' });
    const answer = await this.#ask('/oauth2/consent', { accept: decision === 'allow', oauth_query });
    return new URL(answer.url);
  }

  async signIn() {
    if (!this.server.isLocal) await this.#ask('/sign-in/email', { email: 'ada@example.com', password: PASSWORD });
  }

  async #ask(path, body) {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', origin: this.server.url } };
    const answer = await this.#visit(`/api/auth${path}`, { ...init, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async #visit(path, init = {}) {
    const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ');
    const headers = { ...init.headers, cookie };
    const answer = await fetch(this.server.url + path, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.#cookies.set(name, value);
    }
    return answer;
  }
}
