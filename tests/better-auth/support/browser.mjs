// Drives Debian's Chromium as a user would: sign in, choose an organization, approve. Records all requests and console messages.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { PASSWORD } from '../server/auth.mjs';
import { here } from './fixtures.mjs';
import { TIMEOUT } from './program.mjs';

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const SCREENSHOTS = join(here, 'screenshots');
const CALLBACK = /^http:\/\/localhost:3144[89]\/|^http:\/\/localhost:3145[012]\//;

/** Starts the browser with a temporary profile. */
export function launch() {
  mkdirSync(SCREENSHOTS, { recursive: true });
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
}

/** A user's browser window: tabs that share cookies. */
export class Window {
  requests = [];
  messages = [];
  #expected = [];

  static async open(browser, server, options = {}) {
    const window = new Window();
    window.server = server;
    window.context = await browser.newContext({ viewport: { width: 900, height: 700 }, ...options });
    window.context.setDefaultTimeout(TIMEOUT);
    window.context.on('request', (request) => window.requests.push(request.url()));
    window.context.on('console', (message) => window.messages.push(`${message.type()}: ${message.text()}`));
    window.context.on('weberror', (error) => window.messages.push(String(error.error())));
    return window;
  }

  async tab(url) {
    const page = await this.context.newPage();
    if (url) await page.goto(url);
    return page;
  }

  /** Opens the URL, and signs in if the server asks for it. */
  async signIn(url, email = 'ada@example.com') {
    const page = await this.tab(url);
    if (new URL(page.url()).pathname === '/sign-in') {
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Sign in' }).click();
    }
    await page.getByRole('heading', { name: 'Allow atmn' }).waitFor();
    return page;
  }

  /** Signs in, chooses an organization, and approves or denies; returns the page. */
  async decide(url, organization, decision = 'Allow') {
    const page = await this.signIn(url);
    await choose(page, organization, decision);
    return page;
  }

  /** Declares that the console will log a message that matches the pattern. */
  expectMessage(pattern) {
    this.#expected.push(pattern);
  }

  /** Asserts that all requests went to the two servers, and that the console logged exactly the expected messages. */
  assertClean() {
    const foreign = (url) => !url.startsWith(`${this.server.url}/`) && !CALLBACK.test(url) && !url.startsWith('data:');
    assert.deepEqual(this.requests.filter(foreign), []);
    assert.ok(this.requests.length > 0);
    const unexpected = (message) => !this.#expected.some((pattern) => pattern.test(message));
    assert.deepEqual(this.messages.filter(unexpected), []);
    for (const pattern of this.#expected) assert.ok(this.messages.some((text) => pattern.test(text)), pattern);
  }

  close() {
    return this.context.close();
  }
}

export async function choose(page, organization, decision = 'Allow') {
  if (organization) await page.getByLabel(organization).check();
  await page.getByRole('button', { name: decision }).click();
}

/** Waits for the result page with this heading; returns its text. */
export async function resultPage(page, heading) {
  await page.getByRole('heading', { name: heading, exact: true }).waitFor();
  return page.locator('main').innerText();
}

/**
 * Asserts that neither the current URL nor the tab's history contains a code or a state. Chromium's history file does
 * keep the URL that redirected, and only the authorization server could prevent that; its code is already used.
 */
export async function assertNoCodeIn(page) {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send('Page.getNavigationHistory');
  // Not `userTypedURL`, the URL before redirects: Chromium does not show it.
  const urls = [page.url(), ...entries.map(({ url }) => url)];
  assert.ok(entries.length > 1, 'the tab has no history');
  assert.deepEqual(urls.filter((url) => CALLBACK.test(url) && /[?#]/.test(url)), []);
  assert.deepEqual(urls.filter((url) => /[?&]code=/.test(url)), []);
  await session.detach();
}

/** Takes screenshots of the page, light and dark, and checks its accessibility with axe-core. */
export async function inspect(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${colorScheme}.png`) });
    // The page's policy forbids scripts, but not those of the debugger.
    await page.evaluate(AXE);
    const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
    assert.deepEqual(violations.map(({ id, help }) => `${name} ${colorScheme}: ${id}: ${help}`), []);
    assert.ok(passes.length > 5, 'axe-core checked nothing');
  }
}
