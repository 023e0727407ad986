// The clients and SDKs that take a `fetch` or a key accept those of libatmn. Only compiled.

import { Autumn, HTTPClient } from 'autumn-js';
import ky from 'ky';
import { Client, consoleListener, pinoListener, secretKey } from 'libatmn';
import createClient from 'openapi-fetch';
import { pino } from 'pino';

const client = new Client({ onEvent: pinoListener(pino()) });
export const sdk = new Autumn({ secretKey });
export const loggedIn = new Autumn({
  secretKey: () => secretKey({ environment: 'live' }),
  serverURL: client.server,
  httpClient: new HTTPClient({ fetcher: client.fetch }),
  failOpen: false,
});
export const api = ky.create({ fetch: client.fetch, prefixUrl: client.server });
export const typed = createClient<Record<string, never>>({ fetch: client.fetch, baseUrl: client.server });
const response: Response = await client.fetch(new Request('http://localhost/'), { signal: AbortSignal.timeout(1) });
console.log(response.status, consoleListener(console));
// @ts-expect-error the server of a client does not change
client.server = 'local';
