import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { ApiKey, AtmnError, login, startLogin } from 'libatmn';
import { Autumn, browse } from './autumn.mjs';
import { isFree, Project } from './project.mjs';

let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn.stop());

/** Options for a login without a browser; `onUrl` receives the login URL. */
function options(project, { onUrl, ...more } = {}) {
  const events = [];
  const onEvent = (event) => {
    events.push(event.code);
    if (event.code === 'login_url') onUrl?.(event.context.url, event);
  };
  return { events, given: { server: autumn.url, directory: project.path, openBrowser: false, onEvent, ...more } };
}

test('login saves keys in .env after all events', async (t) => {
  const project = new Project(t);
  let page;
  const { events, given } = options(project, { onUrl: (url) => (page = autumn.approve(url)) });
  const done = await login(given);
  assert.deepEqual(
    events.filter((code) => code !== 'hint'),
    ['login_url', 'callback_received', 'keys_received', 'keys_saved'],
  );
  assert.equal(done.organization.slug, 'copper-kettle');
  assert.deepEqual(done.environments, ['sandbox', 'live']);
  assert.ok(done.scopes.includes('customers:write') && !done.scopes.includes('balances:read'));
  assert.equal(done.saved.created, true);
  assert.equal(done.saved.path, project.file('.env'));
  const [sandbox, live] = done.keys;
  assert.ok(sandbox instanceof ApiKey);
  assert.equal(
    project.read('.env'),
    `AUTUMN_SECRET_KEY=${sandbox.reveal()}\nAUTUMN_PROD_SECRET_KEY=${live.reveal()}\n`,
  );
  assert.match(await page, /Copper Kettle/);
});

test('login keeps working keys unless forced', async (t) => {
  const project = new Project(t);
  const first = await login(options(project, { onUrl: (url) => autumn.approve(url) }).given);
  const { events, given } = options(project);
  const kept = await login(given);
  assert.deepEqual(events, []);
  assert.equal(kept.saved, null);
  assert.equal(kept.keys[0].reveal(), first.keys[0].reveal());
  const forced = await login(options(project, { force: true, onUrl: (url) => autumn.approve(url) }).given);
  assert.equal(forced.saved.replaced.length, 2);
});

test('login obeys sandboxOnly and organization', async (t) => {
  const project = new Project(t);
  const approve = { onUrl: (url) => autumn.approve(url) };
  await assert.rejects(login(options(project, { ...approve, organization: 'night-library' }).given), {
    code: 'organization_changed',
  });
  const done = await login(options(project, { ...approve, sandboxOnly: true }).given);
  assert.deepEqual(done.environments, ['sandbox']);
  assert.doesNotMatch(project.read('.env'), /PROD/);
});

test('an aborted login frees its port and rejects with the reason', async (t) => {
  const project = new Project(t);
  const controller = new AbortController();
  const reason = new Error('enough');
  let port;
  const onUrl = (_, event) => {
    port = event.context.port;
    setImmediate(() => controller.abort(reason));
  };
  const { given } = options(project, { onUrl, signal: controller.signal });
  await assert.rejects(login(given), (error) => error === reason);
  assert.ok(port >= 31448 && (await isFree(port)));
  assert.throws(() => project.read('.env'));
});

test('a login with an aborted signal does nothing', async (t) => {
  const { events, given } = options(new Project(t), { signal: AbortSignal.abort() });
  await assert.rejects(login(given), { name: 'AbortError' });
  await assert.rejects(startLogin(given), { name: 'AbortError' });
  assert.deepEqual(events, []);
});

/** A proxy for the local Autumn that never answers the request for keys. */
async function proxyWithoutKeys(t, onKeys) {
  const server = createServer(async (request, response) => {
    if (request.url === '/cli/api-keys') return onKeys();
    const { host, connection, ...headers } = request.headers;
    const body = request.method === 'POST' ? Buffer.concat(await request.toArray()) : undefined;
    const answer = await fetch(autumn.url + request.url, { method: request.method, headers, body });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') });
    response.end(await answer.text());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${server.address().port}`;
}

test('an abort after which keys may exist says where to delete them', async (t) => {
  const controller = new AbortController();
  const server = await proxyWithoutKeys(t, () => controller.abort(new Error('enough')));
  const project = new Project(t);
  const onUrl = async (url) => {
    const callback = await autumn.callback(url.replace(server, autumn.url));
    // The issuer must be the proxy, and the port may close before the browser has its page.
    await browse(callback.replace(encodeURIComponent(autumn.url), encodeURIComponent(server))).catch(() => {});
  };
  const { given } = options(project, { server, onUrl, signal: controller.signal });
  await assert.rejects(login(given), (error) => {
    assert.equal(error.code, 'cancelled');
    assert.equal(error.context.keys_may_exist, 'true');
    assert.match(error.hint, /Delete those that you do not need on the server/);
    return true;
  });
  assert.throws(() => project.read('.env'));
});

test("login keeps the caller's own abort handlers", async (t) => {
  const controller = new AbortController();
  let calls = 0;
  controller.signal.onabort = () => calls++;
  const onUrl = () => setImmediate(() => controller.abort());
  await assert.rejects(login(options(new Project(t), { onUrl, signal: controller.signal }).given));
  assert.equal(calls, 1);
});

test('login rejects with the error of its listener', async (t) => {
  const thrown = new RangeError('mine');
  let port;
  const onUrl = (_, event) => {
    port = event.context.port;
    throw thrown;
  };
  const { events, given } = options(new Project(t), { onUrl });
  await assert.rejects(login(given), (error) => error === thrown);
  assert.deepEqual(events, ['login_url']);
  assert.ok(await isFree(port));
});

test('login times out', async (t) => {
  const { given } = options(new Project(t), { loginTimeoutMs: 50 });
  await assert.rejects(login(given), (error) => {
    assert.ok(error instanceof AtmnError && error instanceof Error);
    assert.equal(error.code, 'timed_out');
    assert.equal(typeof error.hint, 'string');
    assert.equal(error.name, 'AtmnError');
    return true;
  });
});

test('login rejects with login_denied', async (t) => {
  const { given } = options(new Project(t), { onUrl: (url) => autumn.deny(url) });
  await assert.rejects(login(given), { code: 'login_denied' });
});

test('login needs a listener', async (t) => {
  await assert.rejects(login({ server: autumn.url, directory: new Project(t).path }), { code: 'login_unattended' });
});

test("a listener has the caller's AsyncLocalStorage context", async (t) => {
  const { AsyncLocalStorage } = await import('node:async_hooks');
  const storage = new AsyncLocalStorage();
  const seen = new Set();
  const onUrl = (url) => autumn.approve(url);
  const { given } = options(new Project(t), { onUrl });
  const onEvent = (event) => {
    seen.add(storage.getStore());
    given.onEvent(event);
  };
  await storage.run('request 7', () => login({ ...given, onEvent }));
  assert.deepEqual([...seen], ['request 7']);
});

test('a started attempt has its URL and one wait', async (t) => {
  const project = new Project(t);
  const { given } = options(project);
  const attempt = await startLogin(given);
  assert.match(attempt.url, /\/api\/auth\/oauth2\/authorize\?/);
  assert.ok(attempt.deadline > new Date() && attempt.deadline - Date.now() <= 300_000);
  assert.equal(await isFree(attempt.port), false);
  assert.equal(attempt.wait(), attempt.wait());
  await autumn.approve(attempt.url);
  assert.equal((await attempt.wait()).organization.name, 'Copper Kettle');
  assert.equal(await isFree(attempt.port), true);
});

test('startLogin keeps keys that work, as login does', async (t) => {
  const { given } = options(new Project(t));
  const first = await startLogin(given);
  const done = first.wait();
  await autumn.approve(first.url);
  assert.notEqual((await done).saved, null);
  const again = await (await startLogin(given)).wait();
  assert.equal(again.saved, null);
  assert.deepEqual(again.keys, (await done).keys);
});

test('submit finishes a login and refuses other texts', async (t) => {
  const attempt = await startLogin(options(new Project(t)).given);
  const done = attempt.wait();
  assert.throws(() => attempt.submit('hello'), { name: 'AtmnError', code: 'invalid_argument' });
  assert.throws(
    () => attempt.submit('am_sk_test_planted0123'),
    (error) => !`${error.stack}`.includes('planted'),
  );
  assert.throws(() => attempt.submit(`?code=${'c'.repeat(32)}&state=another`), { code: 'state_mismatch' });
  attempt.submit(await autumn.callback(attempt.url));
  assert.equal((await done).organization.slug, 'copper-kettle');
  assert.throws(() => attempt.submit('garbage'), { name: 'AtmnError', code: 'no_pending_login' });
  const cancelled = await startLogin(options(new Project(t)).given);
  cancelled.cancel();
  assert.throws(() => cancelled.submit('garbage'), { code: 'no_pending_login' });
});

test('cancel ends an attempt before and during its wait', async (t) => {
  const inert = await startLogin(options(new Project(t)).given);
  inert.cancel();
  assert.equal(await isFree(inert.port), true);
  await assert.rejects(inert.wait(), { code: 'cancelled' });

  const waiting = await startLogin(options(new Project(t)).given);
  const done = waiting.wait();
  waiting.cancel();
  await assert.rejects(done, { code: 'cancelled' });
  assert.equal(await isFree(waiting.port), true);
});

test('a signal ends an attempt before and during its wait', async (t) => {
  for (const isWaiting of [false, true]) {
    const controller = new AbortController();
    const attempt = await startLogin(options(new Project(t), { signal: controller.signal }).given);
    const early = isWaiting && attempt.wait();
    controller.abort('reason');
    if (!isWaiting) assert.equal(await isFree(attempt.port), true);
    await assert.rejects(early || attempt.wait(), (error) => error === 'reason');
    assert.equal(await isFree(attempt.port), true);
  }
});

test('two logins of one process are independent', async (t) => {
  const projects = [new Project(t), new Project(t)];
  const attempts = await Promise.all(projects.map((project) => startLogin(options(project).given)));
  assert.notEqual(attempts[0].port, attempts[1].port);
  const waits = attempts.map((attempt) => attempt.wait());
  await autumn.approve(attempts[1].url);
  await autumn.approve(attempts[0].url);
  await Promise.all(waits);
  assert.notEqual(projects[0].read('.env'), projects[1].read('.env'));
});

test('startLogin fails if all ports are in use', async (t) => {
  const attempts = [];
  const start = () => startLogin(options(new Project(t)).given);
  for (let count = 0; count < 5; count++) attempts.push(await start());
  await assert.rejects(start(), { code: 'ports_in_use' });
  for (const attempt of attempts) attempt.cancel();
});

test('only startLogin creates attempts, which do not print their URL', async (t) => {
  const { inspect } = await import('node:util');
  const attempt = await startLogin(options(new Project(t)).given);
  assert.throws(() => new attempt.constructor(), TypeError);
  assert.equal(inspect(attempt), `LoginAttempt { port: ${attempt.port} }`);
  assert.equal(JSON.stringify(attempt), '{}');
  attempt.cancel();
});
