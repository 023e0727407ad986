// Logs in and saves the keys in .env. If the browser runs on another machine, paste the URL where it ends. Ctrl-C cancels
// the login, and nothing is saved.

import { createInterface } from 'node:readline';
import { AtmnError, startLogin, terminalListener } from 'libatmn';

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());

const print = (error) => console.error(`${error.message} ${error.hint ?? ''}`);

/** Submits a pasted line. If it is not the callback URL, prints why, and the login keeps waiting. */
function submit(attempt, line) {
  try {
    attempt.submit(line);
  } catch (error) {
    print(error);
  }
}

const terminal = process.stdin.isTTY ? createInterface({ input: process.stdin }) : null;
try {
  const attempt = await startLogin({ onEvent: terminalListener(), signal: interrupted.signal });
  terminal?.on('line', (line) => submit(attempt, line));
  const { organization, keys, saved } = await attempt.wait();
  // Working keys are kept, and nothing is saved.
  const where = saved ? `in ${saved.path}` : 'already saved';
  console.log(`Logged in to ${organization?.name ?? 'Autumn'}: ${keys.join(', ')} ${where}`);
  for (const location of saved?.shadowedBy ?? []) console.log(`Warning: ${location.text} takes precedence.`);
} catch (error) {
  if (error === interrupted.signal.reason) process.exitCode = 130;
  else if (error instanceof AtmnError) {
    print(error);
    process.exitCode = 1;
  } else throw error;
} finally {
  terminal?.close();
}
