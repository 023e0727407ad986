// Calls a server with each client of docs/adopting.md and the key of the project. The tests with Better Auth run it.

import { Autumn, HTTPClient } from 'autumn-js';
import ky from 'ky';
import { Client, secretKey } from 'libatmn';
import createClient from 'openapi-fetch';

const client = new Client();
const { server, fetch } = client;
const httpClient = new HTTPClient({ fetcher: fetch });
const plans = async (options) => (await new Autumn({ secretKey, serverURL: server, ...options }).plans.list()).list;

console.log(
  JSON.stringify({
    'Client.request': (await client.request('GET', '/v1/customers')).status,
    'client.fetch': (await fetch('/v1/customers')).status,
    ky: (await ky.create({ fetch, prefixUrl: server, retry: 0 })('v1/customers')).status,
    'openapi-fetch': (await createClient({ fetch, baseUrl: server }).GET('/v1/customers')).response.status,
    'autumn-js with httpClient': await plans({ httpClient, failOpen: false }),
    'autumn-js with secretKey': await plans({}),
  }),
);
