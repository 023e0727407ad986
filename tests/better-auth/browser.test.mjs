// `atmn login` with a real browser: every way in which a user can answer, and what else a browser may do.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertNoCodeIn, choose, inspect, resultPage } from './support/browser.mjs';
import { browserTest } from './support/browser-test.mjs';
import { loginUrl } from './support/fixtures.mjs';

const LOGGED_IN = 'You are logged in';
const callbackOf = (url) => new URL(url).searchParams.get('redirect_uri');

/** A service worker that answers every page of its port. */
const WORKER = `
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  event.respondWith(new Response('<h1>Another program</h1>', { headers: { 'content-type': 'text/html' } }));
});`;

/** Registers the service worker as a program does that once used the port, and frees the port. */
async function registerWorker(window, port) {
  const other = createServer((request, response) => {
    const isWorker = request.url === '/sw.js';
    response.setHeader('content-type', isWorker ? 'text/javascript' : 'text/html');
    response.end(isWorker ? WORKER : '<!doctype html><title>Another program</title>');
  });
  await once(other.listen(port, 'localhost'), 'listening');
  const tab = await window.tab(`http://localhost:${port}/`);
  await tab.evaluate(async () => {
    await navigator.serviceWorker.register('/sw.js');
    await navigator.serviceWorker.ready;
  });
  await tab.goto(`http://localhost:${port}/?code=1&state=2`);
  await tab.getByRole('heading', { name: 'Another program' }).waitFor();
  await tab.close();
  other.closeAllConnections();
  await new Promise((resolve) => other.close(resolve));
}

async function assertLoginSucceeded({ server, project }, program, name, slug) {
  const { code, stderr } = await program.end();
  assert.equal(code, 0, stderr);
  assert.ok(stderr.includes(`Logged in to \`${name}\` (\`${slug}\`).`), stderr);
  await project.assertKeysOf(slug);
  // The server created one pair of keys, and the OAuth token was revoked.
  assert.deepEqual([await server.minted(), await server.control('tokens')], [1, { active: 0 }]);
}

async function assertNothingSaved({ project }, program, expected) {
  const { code, stderr } = await program.end();
  assert.deepEqual({ code, reported: expected.test(stderr) }, { code: 1, reported: true }, stderr);
  assert.deepEqual(project.keys(), {});
}

/** Retries, because Chromium loads its own error page in two steps and cannot go back between them. */
async function goBack(page) {
  for (const deadline = Date.now() + 10_000; ; await page.waitForTimeout(20)) {
    try {
      return await page.goBack();
    } catch (error) {
      if (!error.message.includes('Not attached to an active page') || Date.now() > deadline) throw error;
    }
  }
}

test('login in the browser', async (t) => {
  await browserTest(t, 'saves the keys of the chosen organization', async (context) => {
    const { project, window } = context;
    const { program, url } = await project.login();
    const page = await window.signIn(url);
    // The session starts in the other organization.
    assert.equal(await page.getByLabel('Night Library').isChecked(), true);
    await inspect(page, 'consent');
    await choose(page, 'Copper Kettle');
    const text = await resultPage(page, LOGGED_IN);
    assert.match(text, /Organization\s+Copper Kettle\s+Environments\s+sandbox and live\s+Saved in\s+\.env\s/);
    await assertLoginSucceeded(context, program, 'Copper Kettle', 'copper-kettle');
    await assertNoCodeIn(page);
    await inspect(page, 'logged-in');
  });

  await browserTest(t, 'shows a page that fits a phone, to a user with one organization', async (context) => {
    const { project, window } = context;
    const { program, url } = await project.login('--sandbox-only');
    const page = await window.signIn(url, 'ben@example.com');
    assert.equal(await page.getByRole('radio').count(), 1);
    await choose(page);
    await resultPage(page, LOGGED_IN);
    await page.setViewportSize({ width: 360, height: 640 });
    const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    assert.ok(fits, 'the page is wider than the phone');
    await inspect(page, 'logged-in-phone');
    const { code, stderr } = await program.end();
    assert.deepEqual([code, Object.keys(project.keys())], [0, ['AUTUMN_SECRET_KEY']], stderr);
  });

  await browserTest(t, 'passes the URL to the program in $BROWSER', async (context) => {
    const { server, project, window } = context;
    project.write('browser', '#!/bin/sh\nprintf %s "$1" > opened\n');
    const opener = join(project.directory, 'browser');
    chmodSync(opener, 0o700);
    const program = project.atmn(['login'], { BROWSER: opener });
    const url = await loginUrl(program, server);
    await program.line(/Opened your browser/);
    assert.equal(readFileSync(join(project.directory, 'opened'), 'utf8'), url);
    const page = await window.decide(url, 'Night Library');
    await resultPage(page, LOGGED_IN);
    await assertLoginSucceeded(context, program, 'Night Library', 'night-library');
  });

  await browserTest(t, 'saves nothing if the user denies it', async (context) => {
    const { project, window } = context;
    const { program, url } = await project.login();
    const page = await window.decide(url, undefined, 'Deny');
    await resultPage(page, 'Login denied');
    await assertNothingSaved(context, program, /error\[login_denied\]/);
    await assertNoCodeIn(page);
    await inspect(page, 'denied');
  });

  await browserTest(t, 'saves no keys of another organization, and the page says so', async (context) => {
    const { project, window } = context;
    const { program, url } = await project.login('--organization', 'night-library');
    const page = await window.decide(url, 'Copper Kettle');
    const text = await resultPage(page, 'Login failed');
    assert.match(text, /No keys were saved/);
    await assertNothingSaved(context, program, /error\[organization_changed\]/);
    await assertNoCodeIn(page);
    await inspect(page, 'failed');
  });

  await browserTest(t, 'succeeds if the tab is closed and the URL is opened again', async (context) => {
    const { project, window } = context;
    const { program, url } = await project.login();
    const closed = await window.signIn(url);
    await closed.close();
    const page = await window.decide(url, 'Copper Kettle');
    await resultPage(page, LOGGED_IN);
    await assertLoginSucceeded(context, program, 'Copper Kettle', 'copper-kettle');
  });

  await browserTest(t, 'saves the keys if the tab is closed after the user approved', async (context) => {
    const { project, window } = context;
    const { program, url } = await project.login();
    const page = await window.decide(url, 'Copper Kettle');
    await program.line(/Approved/);
    await page.close();
    await assertLoginSucceeded(context, program, 'Copper Kettle', 'copper-kettle');
  });

  await browserTest(t, 'back and reload show no code and start no second login', async (context) => {
    const { server, project, window } = context;
    const { program, url } = await project.login();
    const page = await window.decide(url, 'Copper Kettle');
    await resultPage(page, LOGGED_IN);
    await assertLoginSucceeded(context, program, 'Copper Kettle', 'copper-kettle');
    const keys = project.keys();
    // The port is closed by now, so the browser shows its own error page.
    const errorPage = page.waitForEvent('framenavigated');
    await assert.rejects(page.reload(), /ERR_CONNECTION_REFUSED/);
    await errorPage;
    await goBack(page);
    await page.getByRole('heading', { name: 'Allow atmn' }).waitFor();
    await assertNoCodeIn(page);
    const refused = page.waitForEvent('requestfailed', (request) => request.url().startsWith(callbackOf(url)));
    await choose(page, 'Night Library');
    await refused;
    assert.deepEqual([await server.minted(), project.keys()], [1, keys]);
  });

  await browserTest(t, 'logs in once if the URL is opened in two tabs', async (context) => {
    const { server, project, window } = context;
    const { program, url } = await project.login();
    const [one, other] = [await window.signIn(url), await window.signIn(url)];
    await Promise.all([choose(one, 'Copper Kettle'), choose(other, 'Copper Kettle')]);
    await assertLoginSucceeded(context, program, 'Copper Kettle', 'copper-kettle');
    const tokens = (await server.control('log')).filter(({ path }) => path.endsWith('/oauth2/token'));
    assert.deepEqual(tokens.map(({ status }) => status), [200]);
    await Promise.any([one, other].map((page) => resultPage(page, LOGGED_IN)));
  });

  await browserTest(t, 'ignores a prefetch of the callback URL', async (context) => {
    const { server, project, window } = context;
    const { program, url } = await project.login();
    const page = await window.signIn(url);
    const intercepted = new Promise((resolve) => page.route('**/oauth2/consent', resolve));
    await choose(page, 'Copper Kettle');
    const route = await intercepted;
    const response = await route.fetch();
    const { url: callback } = await response.json();
    const other = await window.tab(`${server.url}/sign-in`);
    const fetched = other.waitForEvent('requestfailed', (request) => request.url() === callback);
    await other.evaluate((href) => {
      const link = Object.assign(document.createElement('link'), { rel: 'prefetch', href });
      document.head.append(link);
    }, callback);
    // The response says that other sites must not have it (Cross-Origin-Resource-Policy).
    assert.match((await fetched).failure().errorText, /BLOCKED_BY_RESPONSE/);
    window.expectMessage(/BLOCKED_BY_RESPONSE/);
    await route.fulfill({ response });
    await resultPage(page, LOGGED_IN);
    await assertLoginSucceeded(context, program, 'Copper Kettle', 'copper-kettle');
  });

  await browserTest(t, 'completes with a pasted callback URL if the browser cannot reach the port', async (context) => {
    const { project, window } = context;
    const begun = await project.atmn(['login', '--begin', '--json']).end();
    assert.equal(begun.code, 0, begun.stderr);
    const { url } = JSON.parse(begun.stdout);
    const page = await window.signIn(url);
    const refused = page.waitForEvent('requestfailed', (request) => request.url().startsWith(callbackOf(url)));
    await choose(page, 'Copper Kettle');
    const callback = (await refused).url();
    const program = project.atmn(['login', '--complete']);
    program.child.stdin.end(`${callback}\n`);
    await assertLoginSucceeded(context, program, 'Copper Kettle', 'copper-kettle');
  });

  await browserTest(t, 'removes a service worker that another program registered', async (context) => {
    const { project, window } = context;
    await registerWorker(window, 31448);
    const { program, url } = await project.login();
    assert.equal(callbackOf(url), 'http://localhost:31448/');
    const page = await window.decide(url, 'Copper Kettle');
    await resultPage(page, LOGGED_IN);
    await assertLoginSucceeded(context, program, 'Copper Kettle', 'copper-kettle');
    // The history may keep the first page, which the other program answered; its code is already used.
    assert.match(program.stderr, /has a service worker of another program/);
  });

  await browserTest(t, 'gives other tabs on the same port no information and no influence', async (context) => {
    const { project, window } = context;
    const { program, url } = await project.login();
    const page = await window.signIn(url);
    const base = callbackOf(url);
    const other = await window.tab();
    for (const wrong of [base, `${base}?code=${'x'.repeat(32)}&state=another`, `${base}?error=access_denied`]) {
      await other.goto(wrong);
      await resultPage(other, 'Wrong login');
    }
    await inspect(other, 'not-this-login');
    await other.goto(`${base}elsewhere`);
    await resultPage(other, 'Page not found');
    await inspect(other, 'nothing-here');
    window.expectMessage(/400 \(Bad Request\)|404 \(Not Found\)/);
    await choose(page, 'Copper Kettle');
    await resultPage(page, LOGGED_IN);
    await assertLoginSucceeded(context, program, 'Copper Kettle', 'copper-kettle');
  });
});
