// A person, a real browser, and `atmn login`.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertNoCodeIn, choose, inspect, launch, resultPage, Window } from './support/browser.mjs';
import { Project, Server } from './support/world.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** A test with a server, a project and a window of its own. */
const scene = (name, act) =>
  test(name, async (t) => {
    const server = await Server.betterAuth();
    t.after(() => server.stop());
    const project = new Project(server);
    t.after(() => project.remove());
    const window = await Window.open(browser, server);
    t.after(() => window.close());
    await act({ server, project, window });
  });

scene('signing in, choosing and allowing brings the keys of the chosen organization', async ({ server, project, window }) => {
  const { program, url } = await project.login();
  const page = await window.signIn(url);
  // The session starts in the other one.
  assert.equal(await page.getByLabel('Night Library').isChecked(), true);
  await inspect(page, 'consent');
  await choose(page, 'Copper Kettle');
  const text = await resultPage(page, 'You are logged in');
  assert.match(text, /Organization\s+Copper Kettle\s/);
  const { code, stderr } = await program.end();
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Logged in to Copper Kettle \(copper-kettle\)\./);
  await project.assertKeysOf('copper-kettle');
  assert.deepEqual([await server.minted(), await server.control('tokens')], [1, { active: 0 }]);
  await assertNoCodeIn(page);
  await inspect(page, 'logged-in');
  window.assertQuiet();
});
