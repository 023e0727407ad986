// Looks at the finished site as readers do: on a phone and a desktop, light and dark, from the disk and without network.
//
//   node --test docs/site/look.mjs        writes build/site-screenshots

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const site = pathToFileURL(join(root, 'build/site/')).href;
const screenshots = join(root, 'build/site-screenshots');
// The browser and axe of the tests of logins.
const { resolve } = createRequire(join(root, 'tests/better-auth/package.json'));
const { chromium } = createRequire(import.meta.url)(resolve('playwright-core'));
const AXE = readFileSync(resolve('axe-core/axe.min.js'), 'utf8');

const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };
const PICTURES = [
  'index',
  'docs/keys',
  'docs/shell',
  'docs/events-and-errors',
  'reference/c/logging-in',
  'docs/security',
];
// Pages of one form: a few stand for all.
const ALIKE = /^reference\/(c|commands)\/(?!logging-in$|codes-and-errors|atmn-login)/;

let browser;
before(async () => {
  mkdirSync(screenshots, { recursive: true });
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
});
after(() => browser.close());

/** The paths of all pages of the contents. */
function contents() {
  const links = readFileSync(join(root, 'build/site-work/src/SUMMARY.md'), 'utf8').matchAll(/\]\((.+?)\.md\)/g);
  return [...links].map(([, path]) => path.replace(/README$/, 'index')).filter((path) => !ALIKE.test(path));
}

/** A tab that has no network. */
async function open(context, path) {
  const page = await context.newPage();
  const elsewhere = [];
  page.on('request', (request) => /^(file|data|blob):/.test(request.url()) || elsewhere.push(request.url()));
  await page.goto(`${site}${path}`);
  return { page, elsewhere };
}

async function checkAccessibility(page, name) {
  await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
  assert.ok(passes.length > 5, 'axe-core checked nothing');
  const found = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map(({ html }) => html)
        .slice(0, 3)
        .join('\n')}`,
  );
  assert.deepEqual(found, [], name);
}

for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`pages_are_readable_on_a_${size}_${colorScheme}`, async (t) => {
      const context = await browser.newContext({ viewport, colorScheme, offline: true });
      const paths = contents();
      assert.ok(paths.length > 25, `only ${paths.length} pages`);
      for (const path of paths) {
        await t.test(path, async () => {
          const { page, elsewhere } = await open(context, `${path}.html`);
          const name = `${path.replaceAll('/', '-')}-${size}-${colorScheme}`;
          if (PICTURES.includes(path)) await page.screenshot({ path: join(screenshots, `${name}.png`) });
          const width = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(width <= viewport.width, `the page is ${width} wide`);
          await checkAccessibility(page, name);
          assert.deepEqual(elsewhere, []);
          await page.close();
        });
      }
      await context.close();
    });
  }
}

test('search_finds_a_page_without_network', async () => {
  const context = await browser.newContext({ viewport: SIZES.desktop, offline: true });
  const { page } = await open(context, 'index.html');
  await page.keyboard.press('/');
  await page.keyboard.type('worktree');
  const result = page.locator('#mdbook-searchresults a', { hasText: 'Where keys are looked for' }).first();
  await result.waitFor();
  await page.screenshot({ path: join(screenshots, 'search.png') });
  await result.click();
  await page.waitForURL(/docs\/keys\.html/);
  await context.close();
});

for (const reference of ['rust/libatmn/index', 'typescript/index', 'python/libatmn']) {
  test(`the reference ${reference} opens without network`, async () => {
    const context = await browser.newContext({ viewport: SIZES.desktop, offline: true });
    const { page, elsewhere } = await open(context, `reference/${reference}.html`);
    await page.locator('h1').first().waitFor();
    await page.screenshot({ path: join(screenshots, `${reference.replaceAll('/', '-')}.png`) });
    assert.deepEqual(elsewhere, []);
    await context.close();
  });
}
