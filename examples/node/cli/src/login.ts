import { createInterface } from 'node:readline';
import { AtmnError, type LoginResult, startLogin } from 'libatmn';
import { type Common, progress } from './common.js';
import { printFailure } from './failure.js';

interface Options {
  browser: boolean;
  timeout: number;
  force?: boolean;
}

/** `shop login` */
export async function logIn(common: Common, { browser, timeout, force }: Options, signal: AbortSignal): Promise<void> {
  const spinner = progress();
  const options = { ...common, force, loginTimeoutMs: timeout * 1000, openBrowser: browser, signal };
  const attempt = await startLogin({ ...options, onEvent: spinner.onEvent });
  // In a terminal, the user may paste the URL of the last page, if the browser runs on another machine.
  const pasted = process.stdin.isTTY ? createInterface({ input: process.stdin }) : undefined;
  pasted?.on('line', (line) => {
    try {
      attempt.submit(line);
    } catch (error) {
      if (!(error instanceof AtmnError)) throw error;
      spinner.print(() => printFailure(error));
    }
  });
  const done = await attempt.wait().finally(() => {
    spinner.stop();
    pasted?.close();
  });
  report(done);
}

function report({ organization, keys, saved }: LoginResult): void {
  const name = organization?.name ?? 'Autumn';
  if (!saved) {
    console.log(`The keys of ${name} still work and were kept: ${keys.join(', ')}`);
    return;
  }
  console.log(`Logged in to ${name}. ${saved.created ? 'Created' : 'Changed'} ${saved.path}.`);
  if (saved.git === 'added') console.log('Added /.env to .gitignore.');
  if (saved.git === 'not_ignored') console.warn('Git does not ignore that file: do not commit it.');
  for (const location of saved.shadowedBy) console.warn(`Warning: ${location.text} takes precedence.`);
}
