// A server, a project directory, and `atmn` processes in it, without the variables and keys of the user who runs the tests.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from './program.mjs';

export const here = new URL('..', import.meta.url).pathname;
/** The path of the `atmn` command to test. */
export const ATMN = process.env.ATMN ?? join(here, '../../target/debug/atmn');
const BASE_ENV = { PATH: process.env.PATH, LANG: 'C.UTF-8' };

/** A running server: a program whose first line on stdout is its URL. */
export class Server {
  static async betterAuth() {
    return Server.start(process.execPath, [join(here, 'server/main.mjs')]);
  }

  static async localAutumn() {
    return Server.start(ATMN, ['serve', '--controls', '--port', '0']);
  }

  static async start(command, args) {
    const program = new Program(command, args, { cwd: here, env: BASE_ENV });
    const server = new Server();
    server.program = program;
    server.url = (await program.line(/^http:/)).trim();
    return server;
  }

  /** Calls a control route: POST with a body, GET without one. */
  async control(path, body) {
    const init = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${this.url}/_test/${path}`, init);
    assert.equal(response.status, 200, path);
    return response.json();
  }

  /** How many times the server has created keys. */
  async minted() {
    const log = await this.control('log');
    return log.filter(({ path, status }) => path === '/cli/api-keys' && status === 200).length;
  }

  stop() {
    return this.program.stop();
  }
}

/** A temporary project directory and home directory. */
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
    return { ...BASE_ENV, HOME: home, XDG_STATE_HOME: join(home, 'state'), ATMN_BACKEND_URL: this.server.url, ...more };
  }

  run(command, args, more) {
    const program = new Program(command, args, { cwd: this.directory, env: this.env(more) });
    this.programs.push(program);
    return program;
  }

  atmn(args, more) {
    return this.run(ATMN, args, more);
  }

  /** Starts a login that waits for a browser; the program and its login URL. */
  async login(...args) {
    const program = this.atmn(['login', '--no-browser', ...args]);
    return { program, url: await loginUrl(program, this.server) };
  }

  write(name, text) {
    writeFileSync(join(this.directory, name), text, { mode: 0o600 });
  }

  /** The variables of `.env`, or none if the file does not exist. */
  keys() {
    const path = join(this.directory, '.env');
    const lines = existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
    return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2)));
  }

  /** Asserts that `.env` holds exactly two keys of this organization, that both work, and that no program printed them. */
  async assertKeysOf(slug) {
    const { AUTUMN_SECRET_KEY: sandbox, AUTUMN_PROD_SECRET_KEY: live, ...rest } = this.keys();
    assert.deepEqual(rest, {});
    for (const [key, env] of [[sandbox, 'sandbox'], [live, 'live']]) {
      const headers = { authorization: `Bearer ${key}` };
      const response = await fetch(`${this.server.url}/v1/organization/me`, { headers });
      const owner = await response.json();
      assert.deepEqual({ status: response.status, slug: owner.slug, env: owner.env }, { status: 200, slug, env });
    }
    for (const { output } of this.programs) assertNoSecretIn(output, [sandbox, live]);
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
  assert.ok(secrets.every((secret) => secret && !text.includes(secret)), 'a program printed a key');
  assert.doesNotMatch(text, /[?&](code|code_verifier)=/);
}
