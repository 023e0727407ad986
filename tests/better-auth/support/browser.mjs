// Debian's Chromium, driven as a person would: sign in, choose, consent. Whatever a page asks for and complains about is kept.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { PASSWORD } from '../server/auth.mjs';
import { PATIENCE } from './program.mjs';
import { here } from './world.mjs';

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const SCREENSHOTS = join(here, 'screenshots');
const CALLBACK = /^http:\/\/localhost:3144[89]\/|^http:\/\/localhost:3145[012]\//;

/** The browser program, with a profile of its own that is gone with it. */
export function launch() {
  mkdirSync(SCREENSHOTS, { recursive: true });
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
}

/** Somebody's browser window: tabs that share cookies. */
export class Window {
  requests = [];
  complaints = [];
  #expected = [];

  static async open(browser, server, options = {}) {
    const window = new Window();
    window.server = server;
    window.context = await browser.newContext({ viewport: { width: 900, height: 700 }, ...options });
    window.context.setDefaultTimeout(PATIENCE);
    window.context.on('request', (request) => window.requests.push(request.url()));
    window.context.on('console', (message) => window.complaints.push(`${message.type()}: ${message.text()}`));
    window.context.on('weberror', (error) => window.complaints.push(String(error.error())));
    return window;
  }

  async tab(url) {
    const page = await this.context.newPage();
    if (url) await page.goto(url);
    return page;
  }

  /** Opens the address, and signs in where that is asked. */
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

  /** Signs in, chooses, and clicks; the page is the one it ends on. */
  async decide(url, organization, decision = 'Allow') {
    const page = await this.signIn(url);
    await choose(page, organization, decision);
    return page;
  }

  /** What the console may say, and has to. */
  expect(pattern) {
    this.#expected.push(pattern);
  }

  /** Only the two servers were asked, and no page complained: of its Content-Security-Policy, for one. */
  assertQuiet() {
    const foreign = (url) => !url.startsWith(`${this.server.url}/`) && !CALLBACK.test(url) && !url.startsWith('data:');
    assert.deepEqual(this.requests.filter(foreign), []);
    assert.ok(this.requests.length > 0);
    const unexpected = (complaint) => !this.#expected.some((pattern) => pattern.test(complaint));
    assert.deepEqual(this.complaints.filter(unexpected), []);
    for (const pattern of this.#expected) assert.ok(this.complaints.some((text) => pattern.test(text)), pattern);
  }

  close() {
    return this.context.close();
  }
}

export async function choose(page, organization, decision = 'Allow') {
  if (organization) await page.getByLabel(organization).check();
  await page.getByRole('button', { name: decision }).click();
}

/** The page that the program shows: its heading, and every word below. */
export async function resultPage(page, heading) {
  await page.getByRole('heading', { name: heading, exact: true }).waitFor();
  return page.locator('main').innerText();
}

/** Neither the address bar nor the tab's history holds a code or a state. */
export async function assertNoCodeIn(page) {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send('Page.getNavigationHistory');
  // Not `userTypedURL`: what a navigation was first asked for, before redirects, which Chromium shows to nobody.
  const addresses = [page.url(), ...entries.map(({ url }) => url)];
  assert.ok(entries.length > 1, 'there is no history');
  assert.deepEqual(addresses.filter((address) => CALLBACK.test(address) && /[?#]/.test(address)), []);
  assert.deepEqual(addresses.filter((address) => /[?&]code=/.test(address)), []);
  await session.detach();
}

/** A picture for people, and what axe-core finds for everybody. */
export async function inspect(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${colorScheme}.png`) });
    // The page's own policy forbids scripts; the debugger's are not subject to it.
    await page.evaluate(AXE);
    const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
    assert.deepEqual(violations.map(({ id, help }) => `${name} ${colorScheme}: ${id}: ${help}`), []);
    assert.ok(passes.length > 5, 'axe-core looked at nothing');
  }
}
