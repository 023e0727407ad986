// Calls with the keys: a rejected key, the login that replaces it, and the packages that Autumn publishes for its users.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { assertNoCodeIn, resultPage } from './support/browser.mjs';
import { scene } from './support/scene.mjs';
import { ATMN, here, loginUrl } from './support/world.mjs';

const LIST = ['api', 'GET', '/v1/customers'];
const { resolve } = createRequire(import.meta.url);
const packages = join(here, '../../bindings/node/build/clean/node_modules');

/** Calls as users write them, each with a login where the key is rejected. */
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

/** A project whose keys came from a login. */
async function loginResult({ project, window }, organization = 'Copper Kettle') {
  const { program, url } = await project.login();
  const page = await window.decide(url, organization);
  await resultPage(page, 'You are logged in');
  assert.equal((await program.end()).code, 0);
  return project.keys();
}

const end = (program) => program.end().then(({ code, stdout, stderr }) => ({ code, stdout, said: stdout + stderr }));

test('with the keys of a login', async (t) => {
  await scene(t, 'a rejected key is an error, or leads to one login and the answer', async (world) => {
    const { server, project, window } = world;
    const { AUTUMN_SECRET_KEY: old, AUTUMN_PROD_SECRET_KEY: live } = await loginResult(world);
    const before = await end(project.atmn(LIST));
    assert.deepEqual([before.code, JSON.parse(before.stdout).list[0].id], [0, 'cus_first'], before.said);

    assert.deepEqual(await server.control('revoke', { key: old }), { revoked: true });
    const rejected = await end(project.atmn(LIST));
    assert.equal(rejected.code, 4, rejected.said);
    assert.match(rejected.said, /error\[login_needed\][^]*invalid_secret_key/);

    const call = project.atmn([...LIST, '--reauth', 'always', '--no-browser']);
    const page = await window.decide(await loginUrl(call, server), 'Copper Kettle');
    await resultPage(page, 'You are logged in');
    await assertNoCodeIn(page);
    const after = await end(call);
    assert.deepEqual([after.code, JSON.parse(after.stdout).list[0].id], [0, 'cus_first'], after.said);
    assert.equal(await server.minted(), 2);
    // A login buys a pair, and both lines of the file were an earlier login's.
    const keys = project.keys();
    assert.ok(keys.AUTUMN_SECRET_KEY !== old && keys.AUTUMN_PROD_SECRET_KEY !== live && !after.said.includes(old));
    await project.assertKeysOf('copper-kettle');
    assert.equal((await end(project.atmn(LIST))).code, 0);
  });

  for (const [name, [command, ...args], more] of PROGRAMS) {
    await scene(t, `${name}: a rejected key leads to one login and the answer`, async (world) => {
      const { server, project, window } = world;
      const { AUTUMN_SECRET_KEY: old } = await loginResult(world);
      await server.control('revoke', { key: old });
      const program = project.run(command, args, { BROWSER: 'false', ...more });
      const page = await window.decide(await loginUrl(program, server), 'Copper Kettle');
      await resultPage(page, 'You are logged in');
      const { code, said } = await end(program);
      assert.equal(code, 0, said);
      assert.match(said, /cus_/);
      assert.equal(await server.minted(), 2);
      assert.ok(project.keys().AUTUMN_SECRET_KEY !== old && !said.includes(old));
      await project.assertKeysOf('copper-kettle');
    });
  }

  await scene(t, 'another organization is not taken instead', async (world) => {
    const { server, project, window } = world;
    const { AUTUMN_SECRET_KEY: old } = await loginResult(world);
    await server.control('revoke', { key: old });
    const call = project.atmn([...LIST, '--reauth', 'always', '--no-browser', '--organization', 'copper-kettle']);
    const page = await window.decide(await loginUrl(call, server), 'Night Library');
    await resultPage(page, 'Login failed');
    const { code, stdout, said } = await end(call);
    assert.deepEqual([code, stdout], [1, ''], said);
    assert.match(said, /error\[organization_changed\]/);
    assert.equal(project.keys().AUTUMN_SECRET_KEY, old);
  });

  await scene(t, "Autumn's own packages read .env and are accepted", async (world) => {
    const { server, project } = world;
    const { AUTUMN_SECRET_KEY: key } = await loginResult(world);

    // The command asks ATMN_BACKEND_URL; its file is named because two commands have one name.
    const cli = join(here, 'node_modules/atmn/dist/cli.js');
    const env = await end(project.run(process.execPath, [cli, 'env']));
    assert.equal(env.code, 0, env.said);
    assert.match(env.stdout, /Organization: Copper Kettle\s+Slug: copper-kettle\s+Environment: Sandbox/);
    const live = await end(project.run(process.execPath, [cli, 'env', '--prod']));
    assert.match(live.stdout, /Environment: (Live|Production)/, live.said);

    // The library has an option for the address, and takes the key from the process, which Node fills from the file.
    const { pathname } = new URL(`file://${resolve('autumn-js')}`);
    project.write('plans.cjs', `const { Autumn } = require(${JSON.stringify(pathname)});
      new Autumn({ serverURL: process.env.ATMN_BACKEND_URL, retryConfig: { strategy: 'none' } }).plans.list()
        .then(({ list }) => console.log('plans:', list.length), (error) => console.log('refused:', error.statusCode));`);
    const plans = () => end(project.run(process.execPath, ['--env-file=.env', 'plans.cjs']));
    assert.equal((await plans()).stdout, 'plans: 0\n');
    await server.control('revoke', { key });
    assert.equal((await plans()).stdout, 'refused: 401\n');
  });
});
