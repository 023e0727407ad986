// Finding a key in a file of 20 lines, in process. libatmn begins in the working directory. npm dotenv does not walk: it
// is told the one file, or given the list of places where libatmn looks.
//
//   resolve.mjs PROJECT PACKAGES RESULT

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const [project, packages, result] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const { resolveKey } = createRequire(`${packages}/`)('libatmn');
const built = createRequire(`${project}/../`);
const dotenv = built('dotenv');
const { measure } = await import(built.resolve('mitata'));

/** `.env.local` and `.env` of a directory and its parents, as far as the project. */
function locations(directory) {
  const here = ['.env.local', '.env'].map((name) => join(directory, name));
  return directory === project ? here : [...here, ...locations(dirname(directory))];
}

/** Medians in seconds, taken in turn in a directory. */
async function medians(directory, functions) {
  process.chdir(directory);
  const found = {};
  for (const [name, work] of Object.entries(functions)) found[`node ${name}`] = (await measure(work)).p50 / 1e9;
  return found;
}

const path = join(project, '.env');
const figures = {};
for (const depth of [0, 10]) {
  const directory = join(project, ...Array(depth).fill('d'));
  const list = locations(directory);
  const there = await medians(directory, {
    [`resolve ${depth}`]: () => resolveKey(),
    [`dotenv ${depth}`]: () => dotenv.config({ path, quiet: true, processEnv: {} }),
    [`dotenv ${depth} locations`]: () => dotenv.config({ path: list, quiet: true, processEnv: {} }),
  });
  Object.assign(figures, there);
}
writeFileSync(result, JSON.stringify(figures));
