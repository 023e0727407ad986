// Listeners and signals of calls.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { authenticate, beginLogin, Client, completeLogin, login, startLogin } from 'libatmn';
import { Autumn } from './autumn.mjs';
import { isFree, node, Project } from './project.mjs';

let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

function options(t, onEvent) {
  return { server: autumn.url, directory: new Project(t).path, openBrowser: false, onEvent };
}

test('events wait for the promise of the listener, and so does the result', async (t) => {
  const log = [];
  const onEvent = async ({ code, context }) => {
    log.push(code);
    if (code === 'login_url') autumn.approve(context.url);
    await tick();
    log.push(`${code} done`);
  };
  await login(options(t, onEvent));
  const codes = log.filter((entry) => !entry.endsWith(' done'));
  assert.deepEqual(
    log,
    codes.flatMap((code) => [code, `${code} done`]),
  );
  assert.equal(log.at(-1), 'keys_saved done');
});

test('a rejection of the listener cancels the login and reaches the caller', async (t) => {
  const thrown = new Error('mine');
  let port;
  const onEvent = async ({ context }) => {
    port ??= context.port;
    await tick();
    throw thrown;
  };
  await assert.rejects(login(options(t, onEvent)), (error) => error === thrown);
  assert.ok(await isFree(port));
});

test('an attempt that was aborted before its promise settled is cancelled', async (t) => {
  const controller = new AbortController();
  const starting = startLogin({ ...options(t), signal: controller.signal });
  // The program is busy until the port is bound.
  const bound = () => readFileSync('/proc/self/net/tcp', 'utf8').match(/0100007F:7AD[8-C] 00000000:0000 0A/i);
  while (!bound());
  const port = Number.parseInt(bound()[0].slice(9, 13), 16);
  controller.abort(new Error('enough'));
  await assert.rejects(starting, { message: 'enough' });
  assert.ok(await isFree(port));
});

test('an event that cannot be written cancels the login, and the program goes on', async (t) => {
  const program = `
    const { login, terminalListener } = require('libatmn');
    const given = { server: '${autumn.url}', directory: process.argv[1], openBrowser: false };
    process.stdin.once('data', () => {
      login({ ...given, onEvent: terminalListener() }).catch(({ message, cause }) => {
        console.log(message, cause?.code);
        process.stdin.destroy();
      });
    });`;
  const child = spawn(process.execPath, ['-e', program, new Project(t).path]);
  child.stderr.destroy();
  await once(child.stderr, 'close');
  child.stdin.write('start');
  const output = child.stdout.toArray();
  const [code] = await once(child, 'exit');
  assert.deepEqual([code, (await output).join('')], [0, 'The stream for events is closed. EPIPE\n']);
});

test('a rejection of the listener cancels startLogin and completeLogin', async (t) => {
  const thrown = new Error('mine');
  const onEvent = async () => {
    await tick();
    throw thrown;
  };
  const isThrown = (error) => error === thrown;

  const attempt = await startLogin(options(t, onEvent));
  const approved = autumn.callback(attempt.url).then((url) => attempt.submit(url));
  await assert.rejects(attempt.wait(), isThrown);
  await approved.catch(() => {});
  assert.ok(await isFree(attempt.port));

  const { server, directory } = options(t);
  const pasted = await autumn.callback((await beginLogin({ server, directory })).url);
  await assert.rejects(completeLogin(pasted, { onEvent }), isThrown);
});

test('authenticate awaits its listener', async () => {
  const thrown = new Error('log is full');
  const onEvent = async () => {
    await tick();
    throw thrown;
  };
  const request = { method: 'GET', path: '/v1/customers', headers: {} };
  await assert.rejects(
    authenticate(request, () => 'customer', { onEvent }),
    (error) => error === thrown,
  );
});

test('parallel requests with one signal print no warning and leave no listener', async () => {
  const program = `
    import { getEventListeners } from 'node:events';
    import { createServer } from 'node:http';
    import { Client } from 'libatmn';
    const server = createServer((_, response) => setTimeout(() => response.end('{}'), 50)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const client = new Client({ key: 'am_sk_test_0123456789', server: 'http://127.0.0.1:' + server.address().port });
    const { signal } = new AbortController();
    const calls = Array.from({ length: 12 }, () => client.request('GET', '/v1/x', { signal }));
    await Promise.all(calls);
    console.log(getEventListeners(signal, 'abort').length);
    server.close();
    server.closeAllConnections();`;
  const { code, stdout, stderr } = await node(['--input-type=module', '-e', program]);
  assert.deepEqual([code, stdout, stderr], [0, '0\n', '']);
});

test('one abort cancels all calls with its signal', async (t) => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  t.after(() => server.close().closeAllConnections());
  await new Promise((resolve) => server.once('listening', resolve));
  const client = new Client({ key: 'am_sk_test_0123456789', server: `http://127.0.0.1:${server.address().port}` });
  const controller = new AbortController();
  const { signal } = controller;
  const calls = Array.from({ length: 12 }, () => client.request('GET', '/v1/x', { signal }));
  setTimeout(() => controller.abort('enough'), 20);
  const results = await Promise.allSettled(calls);
  assert.ok(results.every(({ reason }) => reason === 'enough'));
});

test('cancelled attempts leave no listener on their signal', async (t) => {
  const { signal } = new AbortController();
  for (let count = 0; count < 12; count++) (await startLogin({ ...options(t), signal })).cancel();
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});
