// `callback_received` is the last event before the server creates keys: the login waits until the listener has handled it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { Client, login, startLogin } from 'libatmn';
import { Autumn } from './autumn.mjs';
import { isFree, node, Project } from './project.mjs';

let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

const MINT = '/cli/api-keys';
const minted = async () => (await autumn.requests()).filter(({ path }) => path === MINT).length;
const tick = () => new Promise((resolve) => setTimeout(resolve, 50));
const veto = new Error('veto');
const isVeto = (error) => error === veto;

/** A promise that settles at the test's will. */
function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

/** A listener of a user who approves, and that does this at `callback_received`. */
function listener(atCallback, events = []) {
  return (event) => {
    events.push(event.code);
    // The connection ends without a page if the login is cancelled.
    if (event.code === 'login_url') autumn.approve(event.context.url).catch(() => {});
    return event.code === 'callback_received' ? atCallback(event) : undefined;
  };
}

/** A project with keys that work, and the options of a login that would replace them. */
async function project(t) {
  const made = new Project(t);
  const keys = [await autumn.secretKey(), await autumn.secretKey('live')];
  made.write('.env', `AUTUMN_SECRET_KEY=${keys[0]}\nAUTUMN_PROD_SECRET_KEY=${keys[1]}\n`);
  return { made, key: keys[0], options: { server: autumn.url, directory: made.path, openBrowser: false, force: true } };
}

const OPERATIONS = {
  login: (options) => login(options),
  startLogin: async (options) => (await startLogin(options)).wait(),
};

const REFUSALS = {
  throws: () => {
    throw veto;
  },
  'rejects at once': () => Promise.reject(veto),
  'rejects later': () => tick().then(() => Promise.reject(veto)),
};

for (const [name, operation] of Object.entries(OPERATIONS)) {
  for (const [refuses, atCallback] of Object.entries(REFUSALS)) {
    test(`${name} creates no keys if the listener ${refuses} at callback_received`, async (t) => {
      const { made, options } = await project(t);
      const [before, count] = [made.read('.env'), await minted()];
      await assert.rejects(operation({ ...options, onEvent: listener(atCallback) }), isVeto);
      assert.deepEqual([made.read('.env'), await minted()], [before, count]);
    });
  }

  test(`${name} waits for the promise of the listener at callback_received`, async (t) => {
    const { options } = await project(t);
    const [events, count] = [[], await minted()];
    let meanwhile;
    const atCallback = async () => {
      await tick();
      meanwhile = [events.at(-1), await minted()];
    };
    const { keys } = await operation({ ...options, onEvent: listener(atCallback, events) });
    assert.deepEqual(meanwhile, ['callback_received', count]);
    assert.equal(keys.length, 2);
  });

  test(`a signal ends ${name} while its listener handles callback_received`, async (t) => {
    const { made, options } = await project(t);
    const [before, count, controller] = [made.read('.env'), await minted(), new AbortController()];
    const atCallback = () => {
      setTimeout(() => controller.abort(veto), 20);
      return new Promise(() => {});
    };
    const { signal } = controller;
    await assert.rejects(operation({ ...options, signal, onEvent: listener(atCallback) }), isVeto);
    assert.deepEqual([made.read('.env'), await minted()], [before, count]);
  });

  test(`the deadline ends ${name} if its listener still handles callback_received`, async (t) => {
    const { made, options } = await project(t);
    const [before, count] = [made.read('.env'), await minted()];
    const onEvent = listener(() => new Promise(() => {}));
    await assert.rejects(operation({ ...options, loginTimeoutMs: 2_000, onEvent }), { code: 'timed_out' });
    assert.deepEqual([made.read('.env'), await minted()], [before, count]);
  });

  test(`${name} does not wait for a listener that is busy with an earlier event`, async (t) => {
    const { options } = await project(t);
    // The page comes after the keys have been saved.
    const onEvent = ({ code, context }) => (code === 'login_url' ? autumn.approve(context.url) : undefined);
    assert.equal((await operation({ ...options, onEvent })).keys.length, 2);
  });
}

test('cancel() ends an attempt whose listener handles callback_received', async (t) => {
  const { made, options } = await project(t);
  const [before, count] = [made.read('.env'), await minted()];
  const atCallback = () => {
    setTimeout(() => attempt.cancel(), 20);
    return new Promise(() => {});
  };
  const attempt = await startLogin({ ...options, onEvent: listener(atCallback) });
  await assert.rejects(attempt.wait(), { code: 'cancelled' });
  assert.deepEqual([made.read('.env'), await minted()], [before, count]);
  assert.ok(await isFree(attempt.port));
});

test('keys_received and keys_saved come too late to refuse the keys', async (t) => {
  for (const late of ['keys_received', 'keys_saved']) {
    const { made, key, options } = await project(t);
    const controller = new AbortController();
    const approve = listener(() => {});
    const at = (act) => (event) => (event.code === late ? act() : approve(event));
    const { signal } = controller;
    const done = await login({ ...options, signal, onEvent: at(() => controller.abort(veto)) });
    assert.deepEqual([done.keys.length, made.read('.env').includes(key)], [2, false]);

    const attempt = await startLogin({ ...options, onEvent: at(() => attempt.cancel()) });
    assert.equal((await attempt.wait()).keys.length, 2);

    const { made: other, key: old, options: again } = await project(t);
    const onEvent = at(() => {
      throw veto;
    });
    await assert.rejects(login({ ...again, onEvent }), isVeto);
    assert.ok(!other.read('.env').includes(old));
  }
});

/** A client whose key the server rejects. */
async function rejected(t, atCallback, events) {
  const { made, key, options } = await project(t);
  const { server, directory, openBrowser } = options;
  const onEvent = listener(atCallback, events);
  const client = new Client({ server, directory, openBrowser, reauth: 'always', loginTimeoutMs: 60_000, onEvent });
  // So that the organization is known.
  await client.request('GET', '/v1/customers');
  await autumn.revoke(key);
  return { made, key, client, before: made.read('.env'), count: await minted() };
}

const CALLS = {
  request: ({ client }, signal) => client.request('GET', '/v1/customers', { signal }),
  fetch: ({ client }, signal) => client.fetch('/v1/customers', { signal }),
  reauthenticate: ({ client, key }, signal) => client.reauthenticate(key, { signal }),
};

for (const [name, call] of Object.entries(CALLS)) {
  test(`client.${name} creates no keys if the listener refuses callback_received`, async (t) => {
    const events = [];
    const { made, before, count, ...given } = await rejected(t, REFUSALS['rejects later'], events);
    await assert.rejects(call(given), isVeto);
    assert.equal(events.at(-1), 'callback_received');
    assert.deepEqual([made.read('.env'), await minted()], [before, count]);
  });

  test(`a signal ends client.${name} while its listener handles callback_received`, async (t) => {
    const controller = new AbortController();
    const atCallback = () => {
      setTimeout(() => controller.abort(veto), 20);
      return new Promise(() => {});
    };
    const { made, before, count, ...given } = await rejected(t, atCallback);
    await assert.rejects(call(given, controller.signal), isVeto);
    assert.deepEqual([made.read('.env'), await minted()], [before, count]);
  });
}

test('of two calls that share a login, the second lets it continue after the first has refused it', async (t) => {
  let callbacks = 0;
  const events = [];
  const atCallback = () => {
    if (++callbacks === 1) throw veto;
  };
  const { client, count } = await rejected(t, atCallback, events);
  const calls = [1, 2].map(() => client.request('GET', '/v1/customers'));
  const [first, second] = (await Promise.allSettled(calls)).sort((a, b) => (a.status > b.status ? -1 : 1));
  assert.equal(first.reason, veto);
  assert.equal(second.value.status, 200);
  assert.deepEqual([callbacks, await minted()], [2, count + 1]);
});

test('other calls continue while logins are held', async (t) => {
  const [held, go] = [deferred(), deferred()];
  let count = 0;
  const logins = [];
  for (let index = 0; index < 3; index++) {
    const { options } = await project(t);
    const atCallback = () => {
      if (++count === 3) held.resolve();
      return go.promise;
    };
    logins.push(login({ ...options, onEvent: listener(atCallback) }));
  }
  await held.promise;
  const client = new Client({ key: await autumn.secretKey(), server: autumn.url });
  const answers = await Promise.all(Array.from({ length: 8 }, () => client.request('GET', '/v1/customers')));
  assert.ok(answers.every(({ status }) => status === 200));
  go.resolve();
  for (const { keys } of await Promise.all(logins)) assert.equal(keys.length, 2);
});

const PROGRAM = `
  const { parentPort, workerData } = require('node:worker_threads');
  const [server, directory] = workerData ?? process.argv.slice(1);
  const { login } = require('libatmn');
  const onEvent = ({ code, context }) => {
    if (code === 'login_url') return void (parentPort ? parentPort.postMessage(context) : console.log(context.url));
    if (code !== 'callback_received') return;
    if (parentPort) parentPort.postMessage('held');
    else process.exit(7);
    return new Promise(() => {});
  };
  login({ server, directory, openBrowser: false, onEvent });`;

test('a worker that is terminated while a login is held creates no keys', async (t) => {
  const { path } = new Project(t);
  const count = await minted();
  const worker = new Worker(PROGRAM, { eval: true, workerData: [autumn.url, path] });
  const [{ url, port }] = await once(worker, 'message');
  const approved = autumn.approve(url).catch(() => {});
  assert.deepEqual(await once(worker, 'message'), ['held']);
  await worker.terminate();
  await approved;
  while (!(await isFree(port))) await tick();
  assert.deepEqual([await minted(), existsSync(`${path}/.env`)], [count, false]);
});

test('process.exit ends a program whose login is held', async (t) => {
  const { path } = new Project(t);
  const count = await minted();
  const onOutput = (url) => autumn.approve(url.trim()).catch(() => {});
  const { code, stderr } = await node(['-e', PROGRAM, autumn.url, path], { onOutput });
  assert.deepEqual([code, stderr, await minted()], [7, '', count]);
});
