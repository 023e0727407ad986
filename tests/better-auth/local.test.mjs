// The small Autumn of `atmn serve` in the same browser: its own pages, which people see in the demo.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNoCodeIn, choose, inspect, resultPage } from './support/browser.mjs';
import { scene } from './support/scene.mjs';
import { Server } from './support/world.mjs';

test('with the small Autumn', async (t) => {
  const act = async ({ server, project, window }) => {
    const { program, url } = await project.login();
    const page = await window.tab(url);
    await inspect(page, 'local-sign-in');
    await page.getByRole('button', { name: 'Ada Blume' }).click();
    await page.getByText('permissions').click();
    await inspect(page, 'local-consent');
    await choose(page, 'Copper Kettle');
    assert.match(await resultPage(page, 'You are logged in'), /Copper Kettle/);
    assert.equal((await program.end()).code, 0);
    await project.assertKeysOf('copper-kettle');
    await assertNoCodeIn(page);
    const keys = await window.tab(server.url);
    await inspect(keys, 'local-keys');
    const refused = await window.tab(url.replace('client_id=', 'client_id=another'));
    await inspect(refused, 'local-refused');
    window.expect(/400 \(Bad Request\)/);
  };
  await scene(t, 'a login, the list of keys and a refusal', act, Server.localAutumn);
});
