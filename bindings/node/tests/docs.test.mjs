// Compiles every example of the READMEs, the declarations and the guides, and runs it against a local Autumn.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Autumn } from './autumn.mjs';
import { here, Project, repository, run } from './project.mjs';

const require = createRequire(import.meta.url);
const package_ = join(dirname(here), 'node_modules/libatmn');
const folder = join(here, 'documented');

/** The snippets of a file, named by the line where they begin. */
function snippets(path, name, pattern, clean) {
  const text = readFileSync(path, 'utf8');
  return Array.from(text.matchAll(pattern), (match) => {
    const line = text.slice(0, match.index).split('\n').length;
    return { name: `${name.replaceAll(/[./]/g, '-')}-${line}`, code: clean(match[1]) };
  });
}

const page = (path, name) => snippets(path, name, /^```js\n(.*?)^```/gms, (code) => code);
const guides = readdirSync(join(repository, 'docs')).filter((name) => name.endsWith('.md'));
const names = ['README.md', ...guides.map((name) => `docs/${name}`)];

const readme = page(join(package_, 'README.md'), 'README.md');
const pages = names.flatMap((name) => page(join(repository, name), `repository/${name}`));
const unstarred = (code) => code.replace(/^ *\* ?/gm, '');
const declarations = ['index.d.ts', ...readdirSync(join(package_, 'types')).map((name) => `types/${name}`)];
const examples = declarations.flatMap((name) =>
  snippets(join(package_, name), name, /@example\n(.*?)\n *\*\//gs, unstarred),
);
const all = [...readme, ...examples, ...pages];

let autumn;
before(async () => {
  mkdirSync(folder, { recursive: true });
  for (const { name, code } of all) writeFileSync(join(folder, `${name}.mts`), code);
  const config = { extends: '../types/tsconfig.json', include: ['*.mts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  autumn = await Autumn.start();
  const person = { person: 'ada@example.com', organization: 'copper-kettle' };
  await autumn.control('POST', 'approve-automatically', person);
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await autumn?.stop();
});

test('the pages have examples', () => {
  assert.ok(readme.length >= 4 && examples.length >= 12, `${readme.length} ${examples.length}`);
  assert.ok(pages.length >= 6, `${pages.length}`);
});

test('the examples compile', async () => {
  const tsc = require.resolve('typescript/package.json').replace('package.json', 'bin/tsc');
  const { code, stdout } = await run(process.execPath, [tsc, '--project', folder], { cwd: folder });
  assert.equal(code, 0, stdout);
});

for (const { name, code } of all) {
  test(`${name} runs`, async (t) => {
    const project = new Project(t);
    const isQuickStart = name === readme[0].name;
    if (!isQuickStart) {
      const [sandbox, live] = [await autumn.secretKey('sandbox'), await autumn.secretKey('live')];
      project.write('.env', `AUTUMN_SECRET_KEY=${sandbox}\nAUTUMN_PROD_SECRET_KEY=${live}\n`);
    }
    const file = join(folder, `${name}.mjs`);
    writeFileSync(file, code);
    const env = {
      ...process.env,
      ATMN_BACKEND_URL: autumn.url,
      BROWSER: `${process.execPath} ${join(here, 'browser.mjs')}`,
    };
    const done = await run(process.execPath, [file], { cwd: project.path, env, timeout: 600_000 });
    assert.equal(done.code, 0, done.stderr);
    if (isQuickStart) assert.match(done.stdout, /^Logged in to Copper Kettle\nam_sk_test_….* from .*\.env, line 1\n/);
    assert.doesNotMatch(done.stdout + done.stderr, /am_sk_(test|live)_\w{12}/);
  });
}
