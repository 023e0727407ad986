// API calls with the saved keys: a rejected key, the login that replaces it, and Autumn's own npm packages.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { assertNoCodeIn, resultPage } from './support/browser.mjs';
import { browserTest } from './support/browser-test.mjs';
import { ATMN, here, loginUrl } from './support/fixtures.mjs';

const LIST = ['api', 'GET', '/v1/customers'];
const { resolve } = createRequire(import.meta.url);
const packages = join(here, '../../bindings/node/build/clean/node_modules');

/** One program per language that calls the API and logs in if the key is rejected. */
const PROGRAMS = [
  ['C', [join(dirname(ATMN), 'better-auth/request')]],
  [
    'Node',
    [
      process.execPath,
      '-e',
      `const { Client, terminalListener } = require('libatmn');
      new Client({ reauth: 'always', onEvent: terminalListener() })
        .request('GET', '/v1/customers')
        .then((answer) => console.log(answer.text()));`,
    ],
    { NODE_PATH: packages },
  ],
  [
    'Python',
    [
      join(here, '../../build/python/venv/bin/python'),
      '-Pc',
      `import libatmn
client = libatmn.Client(reauth="always", on_event=libatmn.terminal_listener())
print(client.request("GET", "/v1/customers").text)`,
    ],
  ],
];

/** Logs in, and returns the saved keys by variable. */
async function logIn({ project, window }, organization = 'Copper Kettle') {
  const { program, url } = await project.login();
  const page = await window.decide(url, organization);
  await resultPage(page, 'You are logged in');
  assert.equal((await program.end()).code, 0);
  return project.keys();
}

const end = (program) => program.end().then(({ code, stdout, stderr }) => ({ code, stdout, output: stdout + stderr }));

test('a call with saved keys', async (t) => {
  await browserTest(t, 'reports a rejected key, or logs in once and repeats the request', async (context) => {
    const { server, project, window } = context;
    const { AUTUMN_SECRET_KEY: old, AUTUMN_PROD_SECRET_KEY: live } = await logIn(context);
    const before = await end(project.atmn(LIST));
    assert.deepEqual([before.code, JSON.parse(before.stdout).list[0].id], [0, 'cus_first'], before.output);

    assert.deepEqual(await server.control('revoke', { key: old }), { revoked: true });
    const rejected = await end(project.atmn(LIST));
    assert.equal(rejected.code, 4, rejected.output);
    assert.match(rejected.output, /error\[login_needed\][^]*invalid_secret_key/);

    const call = project.atmn([...LIST, '--reauth', 'always', '--no-browser']);
    const page = await window.decide(await loginUrl(call, server), 'Copper Kettle');
    await resultPage(page, 'You are logged in');
    await assertNoCodeIn(page);
    const after = await end(call);
    assert.deepEqual([after.code, JSON.parse(after.stdout).list[0].id], [0, 'cus_first'], after.output);
    assert.equal(await server.minted(), 2);
    // A login creates two keys. The other key of the file still works, so it stays.
    const keys = project.keys();
    assert.ok(keys.AUTUMN_SECRET_KEY !== old && keys.AUTUMN_PROD_SECRET_KEY === live && !after.output.includes(old));
    await project.assertKeysOf('copper-kettle');
    assert.equal((await end(project.atmn(LIST))).code, 0);
  });

  for (const [name, [command, ...args], more] of PROGRAMS) {
    await browserTest(t, `${name}: logs in once and repeats the request if the key is rejected`, async (context) => {
      const { server, project, window } = context;
      const { AUTUMN_SECRET_KEY: old } = await logIn(context);
      await server.control('revoke', { key: old });
      const program = project.run(command, args, { BROWSER: 'false', ...more });
      const page = await window.decide(await loginUrl(program, server), 'Copper Kettle');
      await resultPage(page, 'You are logged in');
      const { code, output } = await end(program);
      assert.equal(code, 0, output);
      assert.match(output, /cus_/);
      assert.equal(await server.minted(), 2);
      assert.ok(project.keys().AUTUMN_SECRET_KEY !== old && !output.includes(old));
      await project.assertKeysOf('copper-kettle');
    });
  }

  await browserTest(t, 'refuses a login to another organization', async (context) => {
    const { server, project, window } = context;
    const { AUTUMN_SECRET_KEY: old } = await logIn(context);
    await server.control('revoke', { key: old });
    const call = project.atmn([...LIST, '--reauth', 'always', '--no-browser', '--organization', 'copper-kettle']);
    const page = await window.decide(await loginUrl(call, server), 'Night Library');
    await resultPage(page, 'Login failed');
    const { code, stdout, output } = await end(call);
    assert.deepEqual([code, stdout], [1, ''], output);
    assert.match(output, /error\[organization_changed\]/);
    assert.equal(project.keys().AUTUMN_SECRET_KEY, old);
  });

  await browserTest(t, "Autumn's own npm packages work with the saved keys", async (context) => {
    const { server, project } = context;
    const { AUTUMN_SECRET_KEY: key } = await logIn(context);

    // Both command line tools are called atmn, so this one is run by its path. It reads ATMN_BACKEND_URL.
    const cli = join(here, 'node_modules/atmn/dist/cli.js');
    const env = await end(project.run(process.execPath, [cli, 'env']));
    assert.equal(env.code, 0, env.output);
    assert.match(env.stdout, /Organization: Copper Kettle\s+Slug: copper-kettle\s+Environment: Sandbox/);
    const live = await end(project.run(process.execPath, [cli, 'env', '--prod']));
    assert.match(live.stdout, /Environment: (Live|Production)/, live.output);

    // The library has an option for the URL, and reads the key from the environment, which Node fills from the file.
    const { pathname } = new URL(`file://${resolve('autumn-js')}`);
    project.write('plans.cjs', `const { Autumn } = require(${JSON.stringify(pathname)});
      new Autumn({ serverURL: process.env.ATMN_BACKEND_URL, retryConfig: { strategy: 'none' } }).plans.list()
        .then(({ list }) => console.log('plans:', list.length), (error) => console.log('rejected:', error.statusCode));`);
    const plans = () => end(project.run(process.execPath, ['--env-file=.env', 'plans.cjs']));
    assert.equal((await plans()).stdout, 'plans: 0\n');
    await server.control('revoke', { key });
    assert.equal((await plans()).stdout, 'rejected: 401\n');
  });

  await browserTest(t, 'every client of the bindings works with the saved keys', async (context) => {
    const { project } = context;
    await logIn(context);
    const node = [process.execPath, join(here, '../../bindings/node/build/clean/tests/every-client.mjs')];
    const script = join(here, '../../bindings/python/tests/every_client.py');
    const python = [join(here, '../../build/python/venv/bin/python'), '-P', script];
    for (const [command, ...args] of [node, python]) {
      const { code, stdout, output } = await end(project.run(command, args));
      assert.equal(code, 0, output);
      // The SDKs list the plans, of which this server has none.
      const results = Object.values(JSON.parse(stdout)).map(String);
      assert.deepEqual(results.toSorted(), ['', '', '200', '200', '200', '200'], output);
    }
  });
});
