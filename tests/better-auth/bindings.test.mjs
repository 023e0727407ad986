// The login example of each language, and the command, with the same user in the same browser.

import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { resultPage } from './support/browser.mjs';
import { browserTest } from './support/browser-test.mjs';
import { ATMN, here, loginUrl } from './support/fixtures.mjs';

const built = dirname(ATMN);

/** Each program prints the login URL, and ends when the keys are in `.env`. */
const PROGRAMS = [
  ['the command', [ATMN, 'login', '--no-browser']],
  ['Rust', [`${built}/login`]],
  ['C', [`${built}/better-auth/login`]],
  ['Node', [process.execPath, join(here, '../../bindings/node/build/clean/examples/login.mjs')]],
  ['Python', [join(here, '../../build/python/venv/bin/python'), '-P', join(here, '../../examples/python/login.py')]],
];

test('login from', async (t) => {
  for (const [name, [command, ...args]] of PROGRAMS) {
    await browserTest(t, name, async ({ server, project, window }) => {
      const program = project.run(command, args, { BROWSER: 'false' });
      const page = await window.decide(await loginUrl(program, server), 'Copper Kettle');
      assert.match(await resultPage(page, 'You are logged in'), /Copper Kettle/);
      const { code, stderr } = await program.end();
      assert.equal(code, 0, stderr);
      await project.assertKeysOf('copper-kettle');
      assert.deepEqual([await server.minted(), await server.control('tokens')], [1, { active: 0 }]);
    });
  }
});
