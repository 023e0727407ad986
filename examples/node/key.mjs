// Prints the active key, masked, and its location; with --explain, every location where a key may be.

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
