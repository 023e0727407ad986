// The local Autumn of `atmn serve` in a browser: the pages that users see in the demo.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNoCodeIn, choose, inspect, resultPage } from './support/browser.mjs';
import { browserTest } from './support/browser-test.mjs';
import { Server } from './support/fixtures.mjs';

test('local Autumn', async (t) => {
  const body = async ({ server, project, window }) => {
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
    const wrongClient = await window.tab(url.replace('client_id=', 'client_id=another'));
    await inspect(wrongClient, 'local-refused');
    window.expectMessage(/400 \(Bad Request\)/);
  };
  await browserTest(t, 'shows a login, the list of keys and an error page', body, Server.localAutumn);
});
