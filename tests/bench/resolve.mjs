// Measures finding a key in a file of 20 lines, in process, with libatmn and npm dotenv. npm dotenv does not search parent
// directories, so it gets the path of the one file, or the list of all files that libatmn looks for.
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

/** The paths of `.env.local` and `.env` in a directory and its parents, up to the project. */
function locations(directory) {
  const here = ['.env.local', '.env'].map((name) => join(directory, name));
  return directory === project ? here : [...here, ...locations(dirname(directory))];
}

/** Medians in seconds, measured one after the other in a directory. */
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
  const found = await medians(directory, {
    [`resolve ${depth}`]: () => resolveKey(),
    [`dotenv ${depth}`]: () => dotenv.config({ path, quiet: true, processEnv: {} }),
    [`dotenv ${depth} locations`]: () => dotenv.config({ path: list, quiet: true, processEnv: {} }),
  });
  Object.assign(figures, found);
}
writeFileSync(result, JSON.stringify(figures));
