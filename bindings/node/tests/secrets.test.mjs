// Plants secrets in all inputs and searches all outputs for them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';
import {
  ApiKey,
  beginLogin,
  completeLogin,
  diagnose,
  explainKey,
  login,
  logout,
  resolveKey,
  saveKeys,
  startLogin,
  whoami,
} from 'libatmn';
import { Autumn } from './autumn.mjs';
import { Project } from './project.mjs';

let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

/** Everything that a value shows unless `reveal` is called. */
function seen(value) {
  const deep = { depth: 12, showHidden: true, getters: true };
  const stack = value instanceof Error ? `${value.stack} ${value.cause?.stack}` : '';
  return [inspect(value, deep), inspect(value, { ...deep, customInspect: false }), JSON.stringify(value), stack].join(
    '\n',
  );
}

test('events and results of a login contain no key, code or token', async (t) => {
  const project = new Project(t);
  const old = 'am_sk_test_plantedOldKey0001';
  project.write('.env', `AUTUMN_SECRET_KEY=${old}\nOTHER=planted-other-secret\n`);
  const out = [];
  let callback;
  const onEvent = async (event) => {
    out.push(seen(event));
    if (event.code !== 'login_url') return;
    callback = await autumn.callback(event.context.url);
    await fetch(callback, { headers: { connection: 'close' } });
  };
  const options = { server: autumn.url, directory: project.path, openBrowser: false };
  out.push(seen(await login({ ...options, onEvent })));
  out.push(seen(resolveKey({ directory: project.path })), seen(explainKey({ directory: project.path })));
  out.push(seen(await whoami({ server: autumn.url, directory: project.path })));
  out.push(seen(await diagnose({ server: autumn.url, directory: project.path })));
  const attempt = await startLogin(options);
  out.push(seen(attempt));
  attempt.cancel();
  out.push(seen(logout({ directory: project.path })));
  const keys = (await autumn.keys()).map(({ key }) => key);
  const secrets = [old, 'planted', ...keys, new URL(callback).searchParams.get('code'), 'am_oauth_'];
  assert.ok(keys.length > 3);
  for (const secret of secrets) assert.ok(!out.some((text) => text.includes(secret)), secret);
});

test('errors contain no key, code or token', async (t) => {
  const project = new Project(t);
  const planted = 'am_sk_live_planted0123456789';
  project.write('.env', `AUTUMN_SECRET_KEY=${planted}\n`);
  const options = { server: autumn.url, directory: project.path };
  await autumn.fault('/cli/api-keys', 'answer', { status: 500, body: '{"message":"planted","code":"planted"}' });
  const { url } = await beginLogin(options);
  const callback = await autumn.callback(url);
  const failing = [
    () => resolveKey({ ...{ directory: project.path }, environment: 'sandbox' }),
    () => resolveKey({ key: 'planted', directory: project.path }),
    () => resolveKey({ key: { planted }, directory: project.path }),
    () => new ApiKey(`${planted} `),
    () => saveKeys([planted, `${planted}x`], { directory: project.path }),
    () => whoami({ ...options, key: planted }),
    () => whoami({ server: `http://user:planted@localhost:1`, key: planted }),
    () => completeLogin(planted),
    () => completeLogin(callback),
  ];
  for (const call of failing) {
    const error = await (async () => call())().then(
      () => assert.fail(`${call} did not fail`),
      (error) => error,
    );
    assert.doesNotMatch(seen(error), /planted0|:planted@|am_oauth_/, `${call}`);
    assert.ok(!seen(error).includes(new URL(callback).searchParams.get('code')), `${call}`);
  }
});
