// Logs in and saves the keys in .env. Where the browser cannot come back to this machine, the address that it ended at
// can be pasted. Ctrl-C ends it, and nothing is written then.

import { createInterface } from 'node:readline';
import { AtmnError, startLogin, terminalListener } from 'libatmn';

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());

const explain = (error) => console.error(`${error.message} ${error.hint ?? ''}`);

/** Pasted lines; what is no answer is explained, and the wait goes on. */
function submit(attempt, line) {
  try {
    attempt.submit(line);
  } catch (error) {
    explain(error);
  }
}

const terminal = process.stdin.isTTY ? createInterface({ input: process.stdin }) : null;
try {
  const attempt = startLogin({ onEvent: terminalListener(), signal: interrupted.signal });
  terminal?.on('line', (line) => submit(attempt, line));
  const { organization, keys, saved } = await attempt.wait();
  console.log(`Logged in to ${organization?.name ?? 'Autumn'}: ${keys.join(', ')} in ${saved.path}`);
  for (const location of saved.shadowedBy) console.log(`But ${location.text} comes first.`);
} catch (error) {
  if (error === interrupted.signal.reason) process.exitCode = 130;
  else if (error instanceof AtmnError) {
    explain(error);
    process.exitCode = 1;
  } else throw error;
} finally {
  terminal?.close();
}
