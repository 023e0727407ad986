// The functions that a CLI such as Autumn's own calls to find keys, to log in and to call the API, over libatmn. To adopt
// libatmn, such a CLI replaces the files that have these functions by one file like this.

import { ApiKey, Client, findKey, login, resolveKey, saveKeys, serverInfo, whoami } from 'libatmn';

const VARIABLES = { AUTUMN_SECRET_KEY: 'sandbox', AUTUMN_PROD_SECRET_KEY: 'live' };

/** Both keys; `undefined` where there is none. */
export function readApiKeys({ directory } = {}) {
  const find = (environment) => findKey({ directory, environment })?.key.reveal();
  return { sandboxKey: find('sandbox'), prodKey: find('live') };
}

/** The key for calls. Without one, it throws `key_not_found`, whose hint says how to log in. */
export function getKey({ directory, prod = false } = {}) {
  return resolveKey({ directory, environment: prod ? 'live' : 'sandbox' }).key.reveal();
}

/** Saves one of the two keys in `.env`, and returns the path. Every other line stays as it is. */
export function setDotenvValue(name, value, { directory } = {}) {
  const key = new ApiKey(value);
  if (VARIABLES[name] !== key.environment) throw new RangeError(`${name} does not hold ${key.environment} keys.`);
  return saveKeys([key], { directory }).path;
}

/** Logs in with the browser, and saves both keys. */
export async function startOAuthFlow({ onEvent, input = process.stdin, ...options }) {
  const { organization, keys, saved } = await login({ ...options, onEvent, input });
  const keyOf = (environment) => keys.find((key) => key.environment === environment)?.reveal();
  return { organization, sandboxKey: keyOf('sandbox'), prodKey: keyOf('live'), path: saved?.path };
}

/**
 * Runs `work` with the key. If the server rejects the key, it logs in and runs `work` once more. `work` throws an error that
 * has the `status` of the response, as most HTTP clients do.
 */
export async function withAuthRecovery(work, { directory, prod = false, ...options }) {
  const environment = prod ? 'live' : 'sandbox';
  const client = new Client({ ...options, directory, environment });
  const { key } = resolveKey({ directory, environment });
  try {
    return await work(key.reveal());
  } catch (error) {
    if (error?.status !== 401) throw error;
    return work((await client.reauthenticate(key)).key.reveal());
  }
}

/** Calls the API and returns the JSON of the response. An error has `status`, `apiCode`, `url` and `json()`. */
export async function request(method, path, { body, query, prod = false, ...options } = {}) {
  const client = new Client({ ...options, environment: prod ? 'live' : 'sandbox' });
  return (await client.request(method, path, { query, json: body })).json();
}

/** The organization of a key. */
export async function fetchOrganizationMe(secretKey, { server } = {}) {
  const { organization, key } = await whoami({ key: secretKey, server });
  return { ...organization, env: key.environment };
}

/** Where the API and the dashboard are, and what a login asks for. */
export function endpoints({ server } = {}) {
  const { apiUrl, dashboardUrl, scopes } = serverInfo({ server });
  return { apiUrl, dashboardUrl, scopes };
}
