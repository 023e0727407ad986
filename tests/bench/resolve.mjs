// Finding a key in a file of 20 lines, in process, against npm dotenv, which is told where the file is.
//
//   resolve.mjs PROJECT PACKAGES RESULT

import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [project, packages, result] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const { resolveKey } = createRequire(`${packages}/`)('libatmn');
const built = createRequire(`${project}/../`);
const dotenv = built('dotenv');
const { bench, run } = await import(built.resolve('mitata'));

const path = join(project, '.env');
const deep = join(project, 'd/'.repeat(10));
bench('resolve 0', () => resolveKey({ directory: project }));
bench('resolve 10', () => resolveKey({ directory: deep }));
bench('dotenv', () => dotenv.config({ path, quiet: true, processEnv: {} }));

const { benchmarks } = await run({ format: 'quiet' });
const medians = benchmarks.map(({ alias, runs }) => [`node ${alias}`, runs[0].stats.p50 / 1e9]);
writeFileSync(result, JSON.stringify(Object.fromEntries(medians)));
