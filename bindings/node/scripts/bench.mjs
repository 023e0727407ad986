// Medians of what a program pays for libatmn, and for npm dotenv, which reads one file and walks nowhere.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(new URL('../build/clean/package.json', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'atmn-bench-'));
const deep = join(folder, 'packages/web/src');
mkdirSync(deep, { recursive: true });
writeFileSync(join(folder, '.env'), 'PORT=80\nAUTUMN_SECRET_KEY=am_sk_test_0123456789abcdef\n', { mode: 0o600 });

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Runs a program many times; what it prints is a number of milliseconds. */
function processes(code, cwd) {
  const run = () => Number(execFileSync(process.execPath, ['-e', code], { cwd, encoding: 'utf8' }));
  return median(Array.from({ length: 31 }, run));
}

function loading(name) {
  const path = JSON.stringify(require.resolve(name));
  return processes(`const t = performance.now(); require(${path}); console.log(performance.now() - t)`, folder);
}

/** Nanoseconds of one call. */
function calling(call, count) {
  const once = () => {
    const began = process.hrtime.bigint();
    for (let turn = 0; turn < count; turn++) call();
    return Number(process.hrtime.bigint() - began) / count;
  };
  once();
  return median(Array.from({ length: 15 }, once));
}

const { classifyKey, resolveKey } = require('libatmn');
const dotenv = require('dotenv');
const microseconds = (nanoseconds) => `${(nanoseconds / 1000).toFixed(2)} µs`;
const rows = [
  ['load libatmn', `${loading('libatmn').toFixed(2)} ms`],
  ['load dotenv', `${loading('dotenv').toFixed(2)} ms`],
  ['classifyKey', microseconds(calling(() => classifyKey('am_sk_test_0123456789abcdef'), 100_000))],
  ['resolveKey, .env here', microseconds(calling(() => resolveKey({ directory: folder, boundary: folder }), 2_000))],
  ['resolveKey, three up', microseconds(calling(() => resolveKey({ directory: deep, boundary: folder }), 2_000))],
  [
    'dotenv.config, .env here',
    microseconds(calling(() => dotenv.config({ path: join(folder, '.env'), quiet: true, processEnv: {} }), 2_000)),
  ],
];
for (const [name, figure] of rows) console.log(`${name.padEnd(26)}${figure}`);
rmSync(folder, { recursive: true, force: true });
