// A person, a real browser, and `atmn login`.

import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertNoCodeIn, choose, inspect, resultPage } from './support/browser.mjs';
import { scene } from './support/scene.mjs';
import { loginUrl } from './support/world.mjs';

const LOGGED_IN = 'You are logged in';
/** Where the login waits for the browser. */
const callbackOf = (url) => new URL(url).searchParams.get('redirect_uri');

async function assertLoginSucceeded({ server, project }, program, name, slug) {
  const { code, stderr } = await program.end();
  assert.equal(code, 0, stderr);
  assert.ok(stderr.includes(`Logged in to ${name} (${slug}).`), stderr);
  await project.assertKeysOf(slug);
  // One pair of keys was made, and the token that bought it is worth nothing any more.
  assert.deepEqual([await server.minted(), await server.control('tokens')], [1, { active: 0 }]);
}

async function assertNothingSaved({ project }, program, expected) {
  const { code, stderr } = await program.end();
  assert.deepEqual({ code, told: expected.test(stderr) }, { code: 1, told: true }, stderr);
  assert.deepEqual(project.keys(), {});
}

/** The browser changes to its own error page in two steps; in between there is no page to go back from. */
async function goBack(page) {
  for (const end = Date.now() + 10_000; ; await page.waitForTimeout(20)) {
    try {
      return await page.goBack();
    } catch (error) {
      if (!error.message.includes('Not attached to an active page') || Date.now() > end) throw error;
    }
  }
}

test('in the browser', async (t) => {
  await scene(t, 'the keys are those of the organization that was chosen', async (world) => {
    const { project, window } = world;
    const { program, url } = await project.login();
    const page = await window.signIn(url);
    // The session starts in the other one.
    assert.equal(await page.getByLabel('Night Library').isChecked(), true);
    await inspect(page, 'consent');
    await choose(page, 'Copper Kettle');
    const text = await resultPage(page, LOGGED_IN);
    assert.match(text, /Organization\s+Copper Kettle\s+Environments\s+sandbox and live\s+SaveResult in\s+\.env\s/);
    await assertLoginSucceeded(world, program, 'Copper Kettle', 'copper-kettle');
    await assertNoCodeIn(page);
    await inspect(page, 'logged-in');
  });

  await scene(t, 'on a telephone, for somebody with one organization', async (world) => {
    const { project, window } = world;
    const { program, url } = await project.login('--sandbox-only');
    const page = await window.signIn(url, 'ben@example.com');
    assert.equal(await page.getByRole('radio').count(), 1);
    await choose(page);
    await resultPage(page, LOGGED_IN);
    await page.setViewportSize({ width: 360, height: 640 });
    const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    assert.ok(fits, 'the page is wider than the telephone');
    await inspect(page, 'logged-in-telephone');
    const { code, stderr } = await program.end();
    assert.deepEqual([code, Object.keys(project.keys())], [0, ['AUTUMN_SECRET_KEY']], stderr);
  });

  await scene(t, 'the address goes to the program in $BROWSER', async (world) => {
    const { server, project, window } = world;
    project.write('browser', '#!/bin/sh\nprintf %s "$1" > opened\n');
    const opener = join(project.directory, 'browser');
    chmodSync(opener, 0o700);
    const program = project.atmn(['login'], { BROWSER: opener });
    const url = await loginUrl(program, server);
    await program.line(/handed to the browser/);
    assert.equal(readFileSync(join(project.directory, 'opened'), 'utf8'), url);
    const page = await window.decide(url, 'Night Library');
    await resultPage(page, LOGGED_IN);
    await assertLoginSucceeded(world, program, 'Night Library', 'night-library');
  });

  await scene(t, 'no means no', async (world) => {
    const { project, window } = world;
    const { program, url } = await project.login();
    const page = await window.decide(url, undefined, 'Deny');
    await resultPage(page, 'Login denied');
    await assertNothingSaved(world, program, /error\[login_denied\]/);
    await assertNoCodeIn(page);
    await inspect(page, 'denied');
  });

  await scene(t, 'keys of another organization are not saved, and the page says so', async (world) => {
    const { project, window } = world;
    const { program, url } = await project.login('--organization', 'night-library');
    const page = await window.decide(url, 'Copper Kettle');
    const text = await resultPage(page, 'Login failed');
    assert.match(text, /No keys were saved/);
    await assertNothingSaved(world, program, /error\[organization_changed\]/);
    await assertNoCodeIn(page);
    await inspect(page, 'failed');
  });

  await scene(t, 'a closed tab costs nothing: the address can be opened again', async (world) => {
    const { project, window } = world;
    const { program, url } = await project.login();
    const closed = await window.signIn(url);
    await closed.close();
    const page = await window.decide(url, 'Copper Kettle');
    await resultPage(page, LOGGED_IN);
    await assertLoginSucceeded(world, program, 'Copper Kettle', 'copper-kettle');
  });

  await scene(t, 'a tab that is closed after the answer does not keep the keys away', async (world) => {
    const { project, window } = world;
    const { program, url } = await project.login();
    const page = await window.decide(url, 'Copper Kettle');
    await program.line(/Approved/);
    await page.close();
    await assertLoginSucceeded(world, program, 'Copper Kettle', 'copper-kettle');
  });

  await scene(t, 'back and reload bring no code, and no second login', async (world) => {
    const { server, project, window } = world;
    const { program, url } = await project.login();
    const page = await window.decide(url, 'Copper Kettle');
    await resultPage(page, LOGGED_IN);
    await assertLoginSucceeded(world, program, 'Copper Kettle', 'copper-kettle');
    const keys = project.keys();
    // Nobody listens there any more; the browser shows a page of its own then.
    const alone = page.waitForEvent('framenavigated');
    await assert.rejects(page.reload(), /ERR_CONNECTION_REFUSED/);
    await alone;
    await goBack(page);
    await page.getByRole('heading', { name: 'Allow atmn' }).waitFor();
    await assertNoCodeIn(page);
    const refused = page.waitForEvent('requestfailed', (request) => request.url().startsWith(callbackOf(url)));
    await choose(page, 'Night Library');
    await refused;
    assert.deepEqual([await server.minted(), project.keys()], [1, keys]);
  });

  await scene(t, 'the address opened twice is one login', async (world) => {
    const { server, project, window } = world;
    const { program, url } = await project.login();
    const [one, other] = [await window.signIn(url), await window.signIn(url)];
    await Promise.all([choose(one, 'Copper Kettle'), choose(other, 'Copper Kettle')]);
    await assertLoginSucceeded(world, program, 'Copper Kettle', 'copper-kettle');
    const tokens = (await server.control('log')).filter(({ path }) => path.endsWith('/oauth2/token'));
    assert.deepEqual(tokens.map(({ status }) => status), [200]);
    await Promise.any([one, other].map((page) => resultPage(page, LOGGED_IN)));
  });

  await scene(t, 'what the browser fetches ahead is not the visit', async (world) => {
    const { server, project, window } = world;
    const { program, url } = await project.login();
    const page = await window.signIn(url);
    const told = new Promise((tell) => page.route('**/oauth2/consent', (route) => tell(route)));
    await choose(page, 'Copper Kettle');
    const route = await told;
    const answer = await route.fetch();
    const { url: callback } = await answer.json();
    const ahead = await window.tab(`${server.url}/sign-in`);
    const fetched = ahead.waitForEvent('requestfailed', (request) => request.url() === callback);
    await ahead.evaluate((href) => {
      const link = Object.assign(document.createElement('link'), { rel: 'prefetch', href });
      document.head.append(link);
    }, callback);
    // It was answered, and the answer told the browser that other sites must not have it.
    assert.match((await fetched).failure().errorText, /BLOCKED_BY_RESPONSE/);
    window.expect(/BLOCKED_BY_RESPONSE/);
    await route.fulfill({ response: answer });
    await resultPage(page, LOGGED_IN);
    await assertLoginSucceeded(world, program, 'Copper Kettle', 'copper-kettle');
  });

  await scene(t, 'where the browser cannot come back, its address is pasted', async (world) => {
    const { project, window } = world;
    const begun = await project.atmn(['login', '--begin', '--json']).end();
    assert.equal(begun.code, 0, begun.stderr);
    const { url } = JSON.parse(begun.stdout);
    const page = await window.signIn(url);
    const refused = page.waitForEvent('requestfailed', (request) => request.url().startsWith(callbackOf(url)));
    await choose(page, 'Copper Kettle');
    const address = (await refused).url();
    const program = project.atmn(['login', '--complete']);
    program.child.stdin.end(`${address}\n`);
    await assertLoginSucceeded(world, program, 'Copper Kettle', 'copper-kettle');
  });

  await scene(t, 'other tabs on the same port learn and change nothing', async (world) => {
    const { project, window } = world;
    const { program, url } = await project.login();
    const page = await window.signIn(url);
    const port = callbackOf(url);
    const other = await window.tab();
    for (const address of [port, `${port}?code=${'x'.repeat(32)}&state=another`, `${port}?error=access_denied`]) {
      await other.goto(address);
      await resultPage(other, 'Wrong login');
    }
    await inspect(other, 'not-this-login');
    await other.goto(`${port}elsewhere`);
    await resultPage(other, 'Page not found');
    await inspect(other, 'nothing-here');
    window.expect(/400 \(Bad Request\)|404 \(Not Found\)/);
    await choose(page, 'Copper Kettle');
    await resultPage(page, LOGGED_IN);
    await assertLoginSucceeded(world, program, 'Copper Kettle', 'copper-kettle');
  });
});
