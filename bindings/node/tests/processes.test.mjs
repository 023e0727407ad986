// Processes, workers, Jest's realms, vitest and bundles.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Autumn } from './autumn.mjs';
import { here, isFree, node, Project, run } from './project.mjs';

const require = createRequire(import.meta.url);
let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

const module = (text, ...args) => ['--input-type=module', '-e', text, ...args];

test('a login keeps the process alive until it ends', async (t) => {
  const program = `
    import { login } from 'libatmn';
    const [server, directory] = process.argv.slice(1);
    const onEvent = ({ context: { url } }) => url && console.log(url);
    login({ server, directory, openBrowser: false, onEvent }).then(() => console.log('done'));`;
  const onOutput = (text) => text.startsWith('http') && autumn.approve(text.trim());
  const { code, stdout } = await node(module(program, autumn.url, new Project(t).path), { onOutput });
  assert.equal(code, 0);
  assert.match(stdout, /done\n$/);
});

test('an attempt that does not wait does not keep the process alive', async (t) => {
  const program = `
    import { startLogin } from 'libatmn';
    globalThis.attempt = await startLogin({ server: process.argv[1], directory: process.argv[2] });
    console.log(attempt.port);`;
  const { code, stdout } = await node(module(program, autumn.url, new Project(t).path));
  assert.equal(code, 0);
  assert.ok(await isFree(Number(stdout)));
});

test('process.exit during a login prints nothing', async (t) => {
  const program = `
    import { login } from 'libatmn';
    const [server, directory] = process.argv.slice(1);
    login({ server, directory, openBrowser: false, onEvent: () => process.exit(3) });`;
  const { code, stderr } = await node(module(program, autumn.url, new Project(t).path));
  assert.deepEqual([code, stderr], [3, '']);
});

test('garbage collection of an attempt frees its port', async (t) => {
  const program = `
    import { startLogin } from 'libatmn';
    const [server, directory] = process.argv.slice(1);
    const controller = new AbortController();
    let ports = [];
    for (let count = 0; count < 5; count++) {
      ports.push((await startLogin({ server, directory, openBrowser: false, signal: controller.signal })).port);
    }
    // Five ports: the sixth login can start only once the collector has freed one.
    for (let turn = 0; ; turn++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 10));
      try { await startLogin({ server, directory }); break; } catch (error) { if (turn > 500) throw error; }
    }
    console.log(ports.length);`;
  const { code, stdout, stderr } = await node(['--expose-gc', ...module(program, autumn.url, new Project(t).path)]);
  assert.deepEqual([code, stdout], [0, '5\n'], stderr);
});

const inWorker = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { login, resolveKey } = require('libatmn');
  const onEvent = (event) => parentPort.postMessage(event);
  login({ ...workerData, openBrowser: false, onEvent }).then((done) => parentPort.postMessage({ done: done.keys.length }));
`;

function worker(directory) {
  const file = join(directory, 'worker.cjs');
  writeFileSync(file, inWorker);
  const packages = join(directory, 'node_modules');
  if (!existsSync(packages)) symlinkSync(join(dirname(here), 'node_modules'), packages);
  return new Worker(file, { workerData: { server: autumn.url, directory } });
}

test('a worker logs in', async (t) => {
  const running = worker(new Project(t).path);
  running.on('message', ({ code, context }) => code === 'login_url' && autumn.approve(context.url));
  const messages = [];
  running.on('message', (message) => messages.push(message.code ?? message.done));
  const [code] = await once(running, 'exit');
  assert.deepEqual([code, messages.at(-1)], [0, 2]);
});

test('terminating a worker during a login frees the port and the directory', async (t) => {
  const project = new Project(t);
  for (let turn = 0; turn < 5; turn++) {
    const running = worker(project.path);
    const [{ code, context }] = await once(running, 'message');
    assert.equal(code, 'login_url', 'the login of the last turn still has the directory');
    await running.terminate();
    // Termination drops the call, which ends the login.
    for (let wait = 0; !(await isFree(context.port)); wait++) {
      assert.ok(wait < 1000, 'the port stays taken');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.throws(() => project.read('.env'));
  }
});

/** Starts calls of every kind that waits. Some of them have no end: `silent` accepts connections and never answers. */
const busy = `
  const libatmn = require('libatmn');
  function work({ server, silent, directory }, onUrl) {
    const ignore = () => {};
    const key = 'am_sk_test_0123456789';
    const login = { server, directory, openBrowser: false, force: true };
    // The two logins for one directory take turns.
    const onEvent = ({ code, context }) => (context.url || code === 'login_waiting') && onUrl();
    libatmn.login({ ...login, onEvent }).catch(ignore);
    libatmn.startLogin({ ...login, onEvent: ignore }).then((attempt) => attempt.wait()).catch(ignore);
    libatmn.beginLogin({ server, directory }).catch(ignore);
    libatmn.saveKeysAsync([key], { directory }).catch(ignore);
    libatmn.logoutAsync({ directory }).catch(ignore);
    for (const url of [server, silent]) {
      libatmn.whoami({ server: url, key }).catch(ignore);
      new libatmn.Client({ server: url, key }).request('GET', '/v1/customers').catch(ignore);
    }
  }`;

/** What `busy` needs, as an argument. */
async function workplace(t) {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.after(() => silent.close());
  const url = `http://127.0.0.1:${silent.address().port}`;
  return JSON.stringify({ server: autumn.url, silent: url, directory: new Project(t).path });
}

test('process.exit at any moment of running calls ends with its code', async (t) => {
  const program = `${busy}
    const turn = Number(process.argv[2]);
    const place = JSON.parse(process.argv[1]);
    if (turn % 3 === 0) process.once('exit', () => work(place, () => {}));
    work(place, () => turn % 3 === 1 && process.exit(3));
    if (turn % 3 !== 1) setImmediate(() => process.exit(3));`;
  const place = await workplace(t);
  for (let turn = 0; turn < 50; turn++) {
    const { code, signal, stderr } = await node(['-e', program, place, String(turn)]);
    assert.deepEqual([code, signal, stderr], [3, null, ''], `turn ${turn}`);
  }
});

/** Runs a worker with running calls 50 times, and ends it with `end`, in a process that must survive it. */
async function endWorkers(t, inWorker, end) {
  const program = `
    const { on, once } = require('node:events');
    const { Worker } = require('node:worker_threads');
    const text = ${JSON.stringify(`${busy}
      const { parentPort, workerData: { turn, place } } = require('node:worker_threads');
      ${inWorker}`)};
    (async () => {
      for (let turn = 0; turn < 50; turn++) {
        const worker = new Worker(text, { eval: true, workerData: { turn, place: JSON.parse(process.argv[1]) } });
        worker.on('error', (error) => { throw error; });
        ${end}
      }
      // Five attempts need all five ports. The last worker's may become free a moment after it has ended.
      const { startLogin } = require('libatmn');
      const { server, directory } = JSON.parse(process.argv[1]);
      const attempts = [];
      for (let wait = 0; attempts.length < 5; wait++) {
        const attempt = await startLogin({ server, directory }).catch((error) => error);
        if (attempt.url) attempts.push(attempt);
        else if (wait > 1000) throw attempt;
        else await new Promise((resolve) => setTimeout(resolve, 10));
      }
      console.log('calm');
    })();`;
  const { code, signal, stdout, stderr } = await node(['-e', program, await workplace(t)]);
  assert.deepEqual([code, signal, stdout], [0, null, 'calm\n'], stderr);
}

test('terminating workers with running calls crashes nothing and frees the ports', async (t) => {
  const inWorker = `
    work(place, () => parentPort.postMessage('waiting'));
    parentPort.postMessage('started');`;
  const end = `
    const messages = on(worker, 'message');
    await messages.next();
    if (turn % 2) await messages.next();
    await worker.terminate();`;
  await endWorkers(t, inWorker, end);
});

test('process.exit in workers with running calls crashes nothing and frees the ports', async (t) => {
  const inWorker = `
    if (turn % 3 === 0) process.once('exit', () => work(place, () => {}));
    work(place, () => turn % 3 === 1 && process.exit(3));
    if (turn % 3 !== 1) setImmediate(() => process.exit(3));`;
  await endWorkers(t, inWorker, "if ((await once(worker, 'exit'))[0] !== 3) throw new Error('wrong code');");
});

test('many workers load and unload the addon', async (t) => {
  const program = `
    const { Worker } = require('node:worker_threads');
    const { once } = require('node:events');
    const text = \`
      const { whoami, resolveKey } = require('libatmn');
      whoami({ key: 'am_sk_test_0123456789', server: \${JSON.stringify(process.argv[2])} }).catch(() => {});\`;
    (async () => {
      for (let turn = 0; turn < 5; turn++) {
        const workers = Array.from({ length: 4 }, () => new Worker(text, { eval: true }));
        await Promise.all(workers.map((worker, index) => index % 2 ? worker.terminate() : once(worker, 'exit')));
      }
      console.log('calm');
    })();`;
  const file = join(new Project(t).path, 'many.cjs');
  writeFileSync(file, program);
  const { code, signal, stdout, stderr } = await node([file, autumn.url], {
    env: { ...process.env, NODE_PATH: join(dirname(here), 'node_modules') },
  });
  assert.deepEqual([code, signal, stdout], [0, null, 'calm\n'], stderr);
});

test('the package works in the realms of Jest', async (t) => {
  const project = new Project(t);
  copyFileSync(join(here, 'realm.jest.cjs'), project.file('realm.test.cjs'));
  project.write('package.json', '{}');
  symlinkSync(join(dirname(here), 'node_modules'), project.file('node_modules'));
  const jest = require.resolve('jest/bin/jest');
  const config = JSON.stringify({
    testMatch: ['**/realm.test.cjs'],
    rootDir: project.path,
    cacheDirectory: project.file('cache'),
  });
  const env = { ...process.env, AUTUMN_URL: autumn.url };
  const { code, stderr } = await run(process.execPath, [jest, '--ci', '--watchman=false', '--config', config], {
    cwd: project.path,
    env,
  });
  assert.equal(code, 0, stderr);
});

const BUNDLES = {
  cjs: { outfile: 'cli.cjs' },
  esm: {
    outfile: 'cli.mjs',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  },
};

/** Bundles a program into `dist` of a project, with the recipe of the package's page. */
async function bundle(t, format) {
  const { build } = require('esbuild');
  const project = new Project(t);
  const entry = join(here, `entry-${process.pid}-${format}.mjs`);
  const program = `import { classifyKey, explainKey } from 'libatmn';
    console.log(classifyKey('am_sk_test_x').kind, explainKey().length > 3);`;
  const { outfile, ...more } = BUNDLES[format];
  mkdirSync(project.file('dist'));
  await build({
    stdin: { contents: program, resolveDir: here, sourcefile: entry },
    bundle: true,
    platform: 'node',
    format,
    outfile: project.file(`dist/${outfile}`),
    loader: { '.node': 'copy' },
    logLevel: 'error',
    ...more,
  });
  const start = (args = [], env = {}) =>
    run(process.execPath, [...args, project.file(`dist/${outfile}`)], {
      cwd: project.path,
      env: { ...process.env, ...env },
    });
  return { project, start };
}

for (const format of ['cjs', 'esm']) {
  test(`a bundle of esbuild runs without node_modules: ${format}`, async (t) => {
    const { start } = await bundle(t, format);
    const { stdout, stderr } = await start();
    assert.equal(stdout, 'secret true\n', stderr);
  });

  test(`a bundle of esbuild has the errors of the loader: ${format}`, async (t) => {
    const { start } = await bundle(t, format);
    const arch = (name) => `--import=data:text/javascript,Object.defineProperty(process,'arch',{value:'${name}'})`;
    const codes = {
      [arch(process.arch === 'x64' ? 'arm64' : 'x64')]: 'ERR_LIBATMN_BINARY_NOT_LOADED',
      [arch('ppc64')]: 'ERR_LIBATMN_UNSUPPORTED_PLATFORM',
      '--no-addons': 'ERR_LIBATMN_ADDONS_DISABLED',
    };
    for (const [flag, error] of Object.entries(codes)) {
      const { code, stderr } = await start([flag]);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`code: '${error}'`), stderr);
    }
  });

  test(`a bundle without its binary loads no other library: ${format}`, async (t) => {
    const { project, start } = await bundle(t, format);
    const [binary] = readdirSync(project.file('dist')).filter((name) => name.endsWith('.node'));
    // What a checkout of a Rust program has around its JavaScript.
    project.write('Cargo.toml', '');
    mkdirSync(project.file('target/debug'), { recursive: true });
    for (const name of ['libatmn_node.so', 'libatmn_node.dylib', 'atmn_node.dll']) {
      copyFileSync(project.file(`dist/${binary}`), project.file(`target/debug/${name}`));
    }
    rmSync(project.file(`dist/${binary}`));
    const { code, stderr } = await start([], { CARGO_TARGET_DIR: project.file('target') });
    assert.equal(code, 1);
    assert.match(stderr, /code: 'ERR_LIBATMN_BINARY_NOT_LOADED'/);
    assert.match(stderr, /A bundle needs its \.node file beside it/);
  });
}
