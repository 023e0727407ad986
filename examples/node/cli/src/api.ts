import { Client } from 'libatmn';
import { type Common, progress } from './common.js';

/** `shop api`: prints the body of every answer; exit code 1 if the status is not 2xx, 4 if a login is required. */
export async function callApi(
  common: Common,
  method: string,
  path: string,
  { data, prod }: { data?: string; prod?: boolean },
  signal: AbortSignal,
): Promise<void> {
  const spinner = progress();
  const reauth = process.stderr.isTTY ? 'always' : 'never';
  const environment = prod ? 'live' : 'sandbox';
  const client = new Client({ ...common, environment, reauth, onEvent: spinner.onEvent });
  const body = data === undefined ? {} : { body: data, headers: { 'content-type': 'application/json' } };
  try {
    const response = await client.fetch(path, { method: method.toUpperCase(), signal, ...body });
    spinner.stop();
    console.log(await response.text());
    if (response.ok) return;
    console.error(`The server answered ${response.status}.${response.status === 401 ? ' Run `shop login`.' : ''}`);
    process.exitCode = response.status === 401 ? 4 : 1;
  } finally {
    spinner.stop();
  }
}
