// Prints the key in force, masked, and where it came from; with --explain, every place that was looked at.

import { AtmnError, explainKey, resolveKey } from 'libatmn';

try {
  if (process.argv.includes('--explain')) {
    for (const { outcome, text } of explainKey()) console.log(`${outcome.padEnd(8)}  ${text}`);
  } else {
    const { key, source } = resolveKey();
    console.log(`${key} from ${source.text}`);
  }
} catch (error) {
  if (!(error instanceof AtmnError)) throw error;
  console.error(`${error.message} ${error.hint ?? ''}`);
  process.exitCode = 1;
}
