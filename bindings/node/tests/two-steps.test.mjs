import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { beginLogin, completeLogin } from 'libatmn';
import { Autumn } from './autumn.mjs';
import { node, Project } from './project.mjs';

let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

/** The files of pending logins. */
function pending() {
  return readdirSync(join(process.env.XDG_STATE_HOME, 'atmn')).filter((name) => name.endsWith('.login.json'));
}

test('completeLogin completes the login of another process', async (t) => {
  const project = new Project(t);
  const { url, deadline, note } = await beginLogin({
    server: autumn.url,
    directory: project.path,
    scopes: ['customers:read'],
  });
  assert.ok(deadline instanceof Date && deadline - Date.now() > 500_000);
  assert.match(note, /Do not s(end|hare)/);
  const callback = await autumn.callback(url);
  const program = `
    import { completeLogin } from 'libatmn';
    const events = [];
    const done = await completeLogin(process.argv[1], { onEvent: ({ code }) => events.push(code) });
    console.log(JSON.stringify({ events, done }));`;
  const { stdout, stderr } = await node(['--input-type=module', '-e', program, callback]);
  const { events, done } = JSON.parse(stdout || assert.fail(stderr));
  assert.deepEqual(events, ['keys_received', 'hint', 'keys_saved']);
  assert.equal(done.organization.slug, 'copper-kettle');
  assert.deepEqual(done.scopes, ['customers:read']);
  assert.match(project.read('.env'), /^AUTUMN_SECRET_KEY=am_sk_test_/);
  assert.match(done.keys[0], /^am_sk_test_…/);
  await assert.rejects(completeLogin(callback), { code: 'no_pending_login' });
});

test('beginLogin keeps working keys', async (t) => {
  const options = { server: autumn.url, directory: new Project(t).path };
  const { url } = await beginLogin(options);
  const done = await completeLogin(await autumn.callback(url));
  assert.deepEqual(done.environments, ['sandbox', 'live']);
  const kept = await beginLogin(options);
  assert.ok(!('url' in kept) && kept.saved === null);
  assert.ok(kept.keys.every((key, index) => key.equals(done.keys[index])));
  assert.ok('url' in (await beginLogin({ ...options, force: true })));
});

test('beginLogin obeys its signal and reports a server that is down', async (t) => {
  const options = { server: autumn.url, directory: new Project(t).path };
  await assert.rejects(beginLogin({ ...options, signal: AbortSignal.abort('no') }), (error) => error === 'no');
  await assert.rejects(beginLogin({ ...options, server: 'http://127.0.0.1:1' }), { code: 'connect_failed' });
});

test('completeLogin refuses other texts and obeys its signal', async (t) => {
  const before = pending();
  await assert.rejects(completeLogin('hello'), { name: 'AtmnError', code: 'invalid_argument' });
  const project = new Project(t);
  const { url } = await beginLogin({ server: autumn.url, directory: project.path });
  const callback = await autumn.callback(url);
  await assert.rejects(completeLogin(callback, { loginTimeoutMs: 0 }), { code: 'invalid_argument' });
  const signal = AbortSignal.abort('no');
  await assert.rejects(completeLogin(callback, { signal }), (error) => error === 'no');
  await completeLogin(callback);
  assert.deepEqual(pending(), before);
});
