import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { here, run } from './project.mjs';

const require = createRequire(import.meta.url);
const tsc = require.resolve('typescript/package.json').replace('package.json', 'bin/tsc');

test('the declared types accept what callers write and refuse mistakes', async () => {
  const { code, stdout } = await run(process.execPath, [tsc, '--project', 'types'], { cwd: here });
  assert.equal(code, 0, stdout);
});

test('the declared types compile without @types/node and without the DOM', async () => {
  const { code, stdout } = await run(process.execPath, [tsc, '--project', 'types/alone'], { cwd: here });
  assert.equal(code, 0, stdout);
});
