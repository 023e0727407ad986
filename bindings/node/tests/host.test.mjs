// The environment variables that a call uses are those of `process.env`, in every runtime and kind of thread.

import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Autumn } from './autumn.mjs';
import { here, node, Project, run } from './project.mjs';

const require = createRequire(import.meta.url);
const LIVE = 'am_sk_live_0123456789';
const TEST = 'am_sk_test_0123456789';
const MASKED = 'am_sk_test_…6789 from process';

let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

/** A project with a live key in `.env`, in which libatmn is installed. */
function liveProject(t) {
  const project = new Project(t);
  project.write('.env', `AUTUMN_SECRET_KEY=${LIVE}\n`);
  project.write('test.env', `AUTUMN_SECRET_KEY=${TEST}\n`);
  project.write('package.json', '{}');
  project.write(
    'seen.cjs',
    `const { key, source } = require('libatmn').resolveKey({ directory: __dirname });
     console.log(\`\${key} from \${source.origin}\`);`,
  );
  symlinkSync(join(dirname(here), 'node_modules'), project.file('node_modules'));
  return project;
}

/** Runs a program of the project that prints the key that it resolves. */
async function seen(project, program, args) {
  const { code, stdout, stderr } = await run(program, args, { cwd: project.path });
  assert.equal(code, 0, stdout + stderr);
  return stdout.trim();
}

test('a key in process.env takes precedence over .env', async (t) => {
  const project = liveProject(t);
  for (const change of [
    `process.env.AUTUMN_SECRET_KEY = '${TEST}'`,
    `process.env = { AUTUMN_SECRET_KEY: '${TEST}' }`,
  ]) {
    assert.equal(await seen(project, process.execPath, ['-e', `${change}; require('./seen.cjs')`]), MASKED, change);
  }
});

test('a key that process.env inherits or computes takes precedence over .env, in every operation', async (t) => {
  const project = liveProject(t);
  project.write(
    'sent.cjs',
    `const { ApiKey, whoami } = require('libatmn');
     const server = require('node:http').createServer((request, response) => {
       console.log(\`\${new ApiKey(request.headers.authorization.slice('Bearer '.length))} from process\`);
       response.writeHead(403).end();
       server.close();
     });
     server.listen(0, '127.0.0.1', () => {
       whoami({ directory: __dirname, server: \`http://127.0.0.1:\${server.address().port}\` }).catch(() => {});
     });`,
  );
  const env = { AUTUMN_SECRET_KEY: TEST };
  for (const change of [
    `process.env = Object.create(${JSON.stringify(env)})`,
    `process.env = new (class { get AUTUMN_SECRET_KEY() { return '${TEST}'; } })()`,
    `process.env = Object.defineProperty({}, 'AUTUMN_SECRET_KEY', { value: '${TEST}' })`,
    `process.env = new Proxy({}, { get: (_, name) => (${JSON.stringify(env)})[name] })`,
  ]) {
    for (const program of ['seen.cjs', 'sent.cjs']) {
      const seenKey = await seen(project, process.execPath, ['-e', `${change}; require('./${program}')`]);
      assert.equal(seenKey, MASKED, `${change} in ${program}`);
    }
  }
});

test('a key that was removed from process.env is not used', async (t) => {
  const project = liveProject(t);
  const program = 'delete process.env.AUTUMN_SECRET_KEY; require("./seen.cjs")';
  const options = { cwd: project.path, env: { ...process.env, AUTUMN_SECRET_KEY: TEST } };
  assert.match((await node(['-e', program], options)).stdout, /am_sk_live_…6789 from env_file/);
});

test('Object.prototype supplies no variable', async (t) => {
  const program = `Object.prototype.AUTUMN_SECRET_KEY = '${TEST}'; require('./seen.cjs')`;
  assert.match(await seen(liveProject(t), process.execPath, ['-e', program]), /from env_file$/);
});

test('a worker uses its own variables', async (t) => {
  const program = `
    const { Worker } = require('node:worker_threads');
    new Worker('./seen.cjs', { env: { AUTUMN_SECRET_KEY: '${TEST}' } });`;
  assert.equal(await seen(liveProject(t), process.execPath, ['-e', program]), MASKED);
});

test('a worker with SHARE_ENV uses the variables of its parent', async (t) => {
  const program = `
    const { SHARE_ENV, Worker } = require('node:worker_threads');
    process.env.AUTUMN_SECRET_KEY = '${TEST}';
    new Worker('./seen.cjs', { env: SHARE_ENV });`;
  assert.equal(await seen(liveProject(t), process.execPath, ['-e', program]), MASKED);
});

test('every operation of a worker uses its own variables', async (t) => {
  const project = liveProject(t);
  const state = project.file('state');
  project.write(
    'operations.cjs',
    `const { beginLogin, Client, logout, saveKeysAsync, whoami } = require('libatmn');
     (async () => {
       const directory = __dirname;
       console.log((await whoami()).organization.slug);
       console.log((await new Client().request('GET', '/v1/organization/me')).status);
       console.log(new URL((await beginLogin({ directory })).url).origin === process.env.ATMN_BACKEND_URL);
       console.log((await saveKeysAsync(['${TEST}'], { directory })).shadowedBy.length);
       console.log(logout({ directory }).remaining.length);
     })();`,
  );
  const env = { AUTUMN_SECRET_KEY: await autumn.secretKey(), ATMN_BACKEND_URL: autumn.url, XDG_STATE_HOME: state };
  const program = `
    const { Worker } = require('node:worker_threads');
    new Worker('./operations.cjs', { env: ${JSON.stringify(env)} });`;
  const printed = await seen(project, process.execPath, ['-e', program]);
  assert.deepEqual(printed.split('\n'), ['copper-kettle', '200', 'true', '1', '1']);
  assert.ok(existsSync(state), 'the state directory is that of the worker');
});

test('the browser of a worker gets exactly its variables', { skip: process.platform === 'win32' }, async (t) => {
  const project = liveProject(t);
  project.write('browser', `#!/bin/sh\n/usr/bin/env > '${project.file('variables')}'\n`);
  chmodSync(project.file('browser'), 0o755);
  project.write(
    'login.cjs',
    `const { login } = require('libatmn');
     const controller = new AbortController();
     const onEvent = ({ code }) => code === 'browser_opened' && controller.abort(new Error('enough'));
     login({ server: '${autumn.url}', directory: __dirname, force: true, onEvent, signal: controller.signal })
       .catch((error) => console.log(error.message));`,
  );
  const env = { BROWSER: project.file('browser'), ONLY: 'this', XDG_STATE_HOME: project.file('state') };
  const program = `
    const { Worker } = require('node:worker_threads');
    new Worker('./login.cjs', { env: ${JSON.stringify(env)} });`;
  assert.equal(await seen(project, process.execPath, ['-e', program]), 'enough');
  // The shell of the script adds variables for itself.
  const variables = readFileSync(project.file('variables'), 'utf8').trim().split('\n');
  const names = variables
    .map((line) => line.split('=')[0])
    .filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name));
  assert.deepEqual(names.sort(), ['ONLY', 'XDG_STATE_HOME']);
});

test('a Jest test uses the variables that it sets', async (t) => {
  const { path } = liveProject(t);
  copyFileSync(join(here, 'host.jest.cjs'), join(path, 'host.test.cjs'));
  const config = JSON.stringify({
    testMatch: ['**/host.test.cjs'],
    rootDir: path,
    cacheDirectory: join(path, 'cache'),
  });
  const jest = require.resolve('jest/bin/jest');
  const args = [jest, '--ci', '--watchman=false', '--config', config];
  const { code, stderr } = await run(process.execPath, args, { cwd: path });
  assert.equal(code, 0, stderr);
});

test('a vitest test uses the variables that it stubs, in threads and in processes', async (t) => {
  const { path } = liveProject(t);
  copyFileSync(join(here, 'host.vitest.mjs'), join(path, 'host.test.mjs'));
  const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
  for (const pool of ['threads', 'forks']) {
    const args = [vitest, 'run', '--root', path, '--cache=false', `--pool=${pool}`];
    const { code, stdout, stderr } = await run(process.execPath, args, { cwd: path });
    assert.equal(code, 0, stdout + stderr);
  }
});

/** A program of a package that has one package for each platform. */
function binary(name) {
  return require.resolve(name);
}

const cpu = { arm64: 'aarch64' }[process.arch] ?? process.arch;
const bun = () => binary(`@oven/bun-${process.platform}-${cpu}/bin/bun`);
const suffix = process.platform === 'linux' ? '-glibc' : '';
const deno = () => binary(`@deno/${process.platform}-${process.arch}${suffix}/deno`);

test('Bun uses the variables of --env-file', async (t) => {
  assert.equal(await seen(liveProject(t), bun(), ['--env-file=test.env', 'seen.cjs']), MASKED);
});

test('bun test uses the variables of .env.test', async (t) => {
  const project = liveProject(t);
  project.write('.env.test', `AUTUMN_SECRET_KEY=${TEST}\n`);
  project.write(
    'seen.test.js',
    `import { expect, test } from 'bun:test';
     import { resolveKey } from 'libatmn';
     test('key', () => expect(resolveKey({ directory: import.meta.dir }).key.reveal()).toBe('${TEST}'));`,
  );
  const { code, stdout, stderr } = await run(bun(), ['test'], { cwd: project.path });
  assert.equal(code, 0, stdout + stderr);
});

test('a worker of Bun uses its own variables', async (t) => {
  const project = liveProject(t);
  project.write(
    'parent.cjs',
    `const { Worker } = require('node:worker_threads');
     new Worker(require.resolve('./seen.cjs'), { env: { AUTUMN_SECRET_KEY: '${TEST}' } });`,
  );
  assert.equal(await seen(project, bun(), ['--no-env-file', 'parent.cjs']), MASKED);
});

test('Deno uses the variables of --env-file and of process.env', async (t) => {
  const project = liveProject(t);
  const args = ['run', '--quiet', '--allow-all', '--node-modules-dir=manual'];
  assert.equal(await seen(project, deno(), [...args, '--env-file=test.env', 'seen.cjs']), MASKED);
  project.write('set.cjs', `process.env.AUTUMN_SECRET_KEY = '${TEST}'; require('./seen.cjs');`);
  assert.equal(await seen(project, deno(), [...args, 'set.cjs']), MASKED);
});

test('variables that a SHARE_ENV worker sets meanwhile do no harm', async (t) => {
  const project = liveProject(t);
  // The C library moves the environment when it grows, and unmaps the old place once it is large.
  project.write(
    'growing.cjs',
    `for (let turn = 0; turn < 40_000; turn++) process.env[\`GROWING_\${turn}\`] = 'x';
     Atomics.store(new Int32Array(require('node:worker_threads').workerData), 0, 1);`,
  );
  const program = `
    const { SHARE_ENV, Worker } = require('node:worker_threads');
    const { resolveKey, whoami } = require('libatmn');
    const [server, key] = process.argv.slice(1);
    const done = new SharedArrayBuffer(4);
    new Worker('./growing.cjs', { env: SHARE_ENV, workerData: done });
    (async () => {
      for (let turn = 0; turn < 20; turn++) await whoami({ server, key });
      while (Atomics.load(new Int32Array(done), 0) === 0) {
        if (resolveKey().source.origin !== 'env_file') throw new Error('not the key of the file');
      }
      console.log('done');
    })();`;
  const args = ['-e', program, autumn.url, await autumn.secretKey()];
  const { code, signal, stdout, stderr } = await node(args, { cwd: project.path });
  assert.deepEqual([code, signal, stdout], [0, null, 'done\n'], stderr);
});
