import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { here, Project, run } from './project.mjs';

const require = createRequire(import.meta.url);
/** TypeScript 5 still has `moduleResolution: node10`, which reads neither `exports` nor `.d.mts` files. */
const compiler = (name) => require.resolve(`${name}/package.json`).replace('package.json', 'bin/tsc');

const PROJECTS = {
  'accept what callers write and refuse mistakes': ['types'],
  'compile without @types/node and without the DOM': ['types/alone'],
  'are found by moduleResolution node10': ['types/node10', 'typescript-5'],
  'are found by moduleResolution bundler': ['types/bundler'],
};

/** Compiles a project, which has to succeed. */
async function compiles(project, typescript = 'typescript') {
  const { code, stdout } = await run(process.execPath, [compiler(typescript), '--project', project], { cwd: here });
  assert.equal(code, 0, stdout.slice(0, 4000));
}

for (const [expectation, [project, typescript]] of Object.entries(PROJECTS)) {
  test(`the declared types ${expectation}`, () => compiles(project, typescript));
}

for (const version of [22, 24]) {
  test(`the declared types accept the objects of @types/node ${version}`, async (t) => {
    // Outside of this folder, where TypeScript finds the types of Node 20.
    const project = new Project(t);
    mkdirSync(project.file('node_modules/@types'), { recursive: true });
    const types = dirname(require.resolve(`node-${version}-types/package.json`));
    symlinkSync(types, project.file('node_modules/@types/node'));
    symlinkSync(join(dirname(here), 'node_modules/libatmn'), project.file('node_modules/libatmn'));
    copyFileSync(join(here, 'types/structural.mts'), project.file('structural.mts'));
    const config = { extends: join(here, 'types/tsconfig.json'), include: ['*.mts'] };
    project.write('tsconfig.json', JSON.stringify(config));
    await compiles(project.path);
  });
}
