// The programs of examples/node, as users run them.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Autumn } from './autumn.mjs';
import { here, Project, run } from './project.mjs';

const require = createRequire(import.meta.url);
const examples = join(dirname(here), 'examples');
let autumn;
before(async () => {
  // What `npm run build` does in the folder of the tool.
  const tsc = require.resolve('typescript/package.json').replace('package.json', 'bin/tsc');
  const { code, stdout } = await run(process.execPath, [tsc, '--project', join(examples, 'cli')]);
  assert.equal(code, 0, stdout);
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

/** Runs an example in a project, and plays the user if it prints a login URL. */
function example(name, args, project, more = {}) {
  let talk = '';
  let url;
  const onTalk = (text, child) => {
    talk += text;
    url ??= talk.match(/(http:\S+authorize\S+)\s/)?.[1];
    if (!url || url === 'known') return;
    (more.user ?? ((login) => autumn.approve(login)))(url, child);
    url = 'known';
  };
  const env = { ...process.env, ATMN_BACKEND_URL: autumn.url, BROWSER: 'true', NO_COLOR: '1' };
  return run(process.execPath, [join(examples, name), ...args], { cwd: project.path, env, onTalk });
}

test('login, key and request run one after the other', async (t) => {
  const project = new Project(t);
  const none = await example('key.mjs', [], project);
  assert.deepEqual([none.code, none.stdout], [1, '']);
  assert.match(none.stderr, /No API key found/);

  const login = await example('login.mjs', [], project);
  assert.equal(login.code, 0, login.stderr);
  assert.match(login.stdout, /^Logged in to Copper Kettle: am_sk_test_….*, am_sk_live_….* in .*\.env\n$/);

  const again = await example('login.mjs', [], project);
  assert.deepEqual([again.code, again.stderr.includes('Error')], [0, false], again.stderr);
  assert.match(again.stdout, /^Logged in to Copper Kettle: .* already saved\n$/);

  assert.match(
    (await example('key.mjs', [], project)).stdout,
    /^am_sk_test_….* from AUTUMN_SECRET_KEY in .*, line 1\n$/,
  );
  assert.match((await example('key.mjs', ['--explain'], project)).stdout, /^used {6}AUTUMN_SECRET_KEY in/m);
  assert.match((await example('request.mjs', [], project)).stdout, /"list"/);
  const missing = await example('request.mjs', ['GET', '/v1/nowhere'], project);
  assert.deepEqual([missing.code, missing.stdout], [1, '']);
  assert.match(missing.stderr, /404/);
});

test('Ctrl-C ends a login with exit code 130 and writes nothing', async (t) => {
  const project = new Project(t);
  for (const [name, args] of [
    ['login.mjs', []],
    ['cli/dist/shop.js', ['login', '--no-browser']],
  ]) {
    const { code } = await example(name, args, project, { user: (_, child) => child.kill('SIGINT') });
    assert.equal(code, 130, name);
    assert.throws(() => project.read('.env'));
  }
});

test('the server accepts known keys and refuses others as Autumn does', async (t) => {
  const asked = [];
  const onOutput = async (text, child) => {
    const url = `${text.trim()}/v1/customers`;
    for (const key of ['am_sk_test_example0123456789', 'am_sk_live_planted0123456789']) {
      const headers = { authorization: `Bearer ${key}`, connection: 'close' };
      const response = await fetch(url, { headers });
      asked.push([response.status, await response.json()]);
    }
    child.kill();
  };
  const { stderr } = await run(process.execPath, [join(examples, 'server.mjs')], {
    cwd: new Project(t).path,
    onOutput,
  });
  const body = { message: 'Invalid secret key', code: 'invalid_secret_key', env: 'live' };
  assert.deepEqual(asked, [
    [200, { customer: 'example' }],
    [401, body],
  ]);
  assert.equal(stderr, 'Refused GET /v1/customers: invalid_secret_key (live).\n');
});

test('the tool with commander and a spinner logs in, shows the key, and logs out', async (t) => {
  const project = new Project(t);
  const shop = (...args) => example('cli/dist/shop.js', args, project);
  const unknown = await shop('env');
  assert.deepEqual([unknown.code, unknown.stdout], [4, '']);

  const login = await shop('login', '--no-browser');
  assert.equal(login.code, 0, login.stderr);
  assert.match(login.stdout, /^Logged in to Copper Kettle\. Created .*\.env\.\n$/);
  assert.match((await shop('login')).stdout, /^The keys of Copper Kettle still work and were kept: am_sk_test_…/);

  assert.match(
    (await shop('env')).stdout,
    /^Organization {2}Copper Kettle \(copper-kettle\)\nEnvironment {3}sandbox\n/,
  );
  const identity = JSON.parse((await shop('env', '--prod', '--json')).stdout);
  assert.match(identity.key, /^am_sk_live_…/);
  assert.equal((await shop('--server', 'nonsense', 'env')).code, 2);
  const denied = await example('cli/dist/shop.js', ['login', '--force'], project, { user: (url) => autumn.deny(url) });
  assert.equal(denied.code, 1);
  assert.match(denied.stderr, /Access was not granted/);

  const listed = await shop('api', 'get', '/v1/customers');
  assert.equal(listed.code, 0, listed.stderr);
  assert.equal(JSON.parse(listed.stdout).list[0].id, 'cus_first');
  const made = await shop('api', 'post', '/v1/customers', '--data', '{"id":"cus_shop"}');
  assert.equal(JSON.parse(made.stdout).id, 'cus_shop');
  const missing = await shop('api', 'get', '/v1/customers/none');
  assert.equal(missing.code, 1);
  assert.equal(JSON.parse(missing.stdout).code, 'customer_not_found');
  await autumn.revoke(project.read('.env').match(/am_sk_test_\w+/)[0]);
  const rejected = await shop('api', 'get', '/v1/customers');
  assert.deepEqual([rejected.code, JSON.parse(rejected.stdout).code], [4, 'invalid_secret_key']);
  assert.match(rejected.stderr, /Run `shop login`/);
  assert.match((await shop('env')).stderr, /`shop login`/);

  const logout = await shop('logout');
  assert.match(logout.stdout, /^Removed am_sk_test_….* and am_sk_live_….* from .*\.env\./);
  assert.match((await shop('logout')).stdout, /\.env has no keys\.$/m);
});

test('the tool has under 200 lines', () => {
  const folder = join(examples, 'cli/src');
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  assert.ok(texts.join('').split('\n').length - 1 < 200);
});

test('the tool depends on the tested versions', () => {
  const { dependencies } = JSON.parse(readFileSync(join(examples, 'cli/package.json'), 'utf8'));
  const { version } = require('libatmn/package.json');
  assert.equal(dependencies.libatmn, `^${version}`);
  for (const name of ['commander', 'yocto-spinner']) {
    const path = require.resolve(name).split(`node_modules/${name}`)[0];
    const installed = JSON.parse(readFileSync(join(path, 'node_modules', name, 'package.json'), 'utf8')).version;
    assert.equal(installed.split('.')[0], dependencies[name].match(/\d+/)[0]);
  }
});
