// A server, a project directory, and `atmn` processes in it that know nothing of whoever runs the tests.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from './program.mjs';

export const here = new URL('..', import.meta.url).pathname;
/** The finished command; `ATMN` names it. */
export const ATMN = process.env.ATMN ?? join(here, '../../target/debug/atmn');
const PLAIN = { PATH: process.env.PATH, LANG: 'C.UTF-8' };

/** A server at work: Better Auth beside Autumn's routes, or any other program that prints its address. */
export class Server {
  static async betterAuth() {
    return Server.start(process.execPath, [join(here, 'server/main.mjs')]);
  }

  static async localAutumn() {
    return Server.start(ATMN, ['serve', '--controls', '--port', '0']);
  }

  static async start(command, args) {
    const program = new Program(command, args, { cwd: here, env: PLAIN });
    const server = new Server();
    server.program = program;
    server.url = (await program.line(/^http:/)).trim();
    return server;
  }

  /** A control route; without a body it is read. */
  async control(path, body) {
    const init = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await fetch(`${this.url}/_test/${path}`, init);
    assert.equal(answer.status, 200, path);
    return answer.json();
  }

  /** How many times the server has given out keys. */
  async minted() {
    const log = await this.control('log');
    return log.filter(({ path, status }) => path === '/cli/api-keys' && status === 200).length;
  }

  stop() {
    return this.program.stop();
  }
}

/** A directory that is gone afterwards, with a home beside it. */
export class Project {
  constructor(server) {
    this.server = server;
    this.root = mkdtempSync(join(tmpdir(), 'better-auth-'));
    this.directory = mkdtempSync(join(this.root, 'project-'));
    this.home = mkdtempSync(join(this.root, 'home-'));
    this.programs = [];
  }

  env(more = {}) {
    const { home } = this;
    return { ...PLAIN, HOME: home, XDG_STATE_HOME: join(home, 'state'), ATMN_BACKEND_URL: this.server.url, ...more };
  }

  run(command, args, more) {
    const program = new Program(command, args, { cwd: this.directory, env: this.env(more) });
    this.programs.push(program);
    return program;
  }

  atmn(args, more) {
    return this.run(ATMN, args, more);
  }

  /** A login that waits for a browser, and its address. */
  async login(...args) {
    const program = this.atmn(['login', '--no-browser', ...args]);
    return { program, url: await loginUrl(program, this.server) };
  }

  write(name, text) {
    writeFileSync(join(this.directory, name), text, { mode: 0o600 });
  }

  /** The variables of `.env`, none if there is no such file. */
  keys() {
    const path = join(this.directory, '.env');
    const lines = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
    return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2)));
  }

  /** Both keys are in `.env`, belong to the organization, and work. */
  async assertKeysOf(slug) {
    const { AUTUMN_SECRET_KEY: sandbox, AUTUMN_PROD_SECRET_KEY: live, ...rest } = this.keys();
    assert.deepEqual(rest, {});
    for (const [key, env] of [[sandbox, 'sandbox'], [live, 'live']]) {
      const headers = { authorization: `Bearer ${key}` };
      const answer = await fetch(`${this.server.url}/v1/organization/me`, { headers });
      const whose = await answer.json();
      assert.deepEqual({ status: answer.status, slug: whose.slug, env: whose.env }, { status: 200, slug, env });
    }
    for (const { said } of this.programs) assertNoSecretIn(said, [sandbox, live]);
  }

  async remove() {
    for (const program of this.programs) await program.stop();
    rmSync(this.root, { recursive: true });
  }
}

export async function loginUrl(program, server) {
  const line = await program.line(/\/api\/auth\/oauth2\/authorize\?/);
  const url = line.slice(line.indexOf('http')).trim();
  assert.ok(url.startsWith(`${server.url}/`), url);
  return url;
}

function assertNoSecretIn(text, secrets) {
  assert.ok(secrets.every((secret) => secret && !text.includes(secret)), 'a key was said aloud');
  assert.doesNotMatch(text, /[?&](code|code_verifier)=/);
}
