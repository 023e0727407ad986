// The HTTP clients and SDKs that programs already use, with the keys and logins of libatmn. Each test is a cell of the
// table in docs/adopting.md.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { HTTPClient, Autumn as Sdk } from 'autumn-js';
import ky from 'ky';
import { Client, secretKey } from 'libatmn';
import createOpenApiClient from 'openapi-fetch';
import { Autumn } from './autumn.mjs';
import { Project, repository } from './project.mjs';

let autumn;
before(async () => {
  autumn = await Autumn.start();
});
after(() => autumn?.stop());

/** A project with a valid key, and a client that may log in; its listener plays the user. */
async function project(t, more = {}, server = autumn) {
  const made = new Project(t);
  const key = await server.secretKey();
  made.write('.env', `AUTUMN_SECRET_KEY=${key}\n`);
  const events = [];
  const onEvent = (event) => {
    events.push(event.code);
    if (event.code === 'login_url') server.approve(event.context.url);
  };
  const options = { server: server.url, directory: made.path, openBrowser: false, reauth: 'always', onEvent };
  return { client: new Client({ ...options, ...more }), key, events, path: made.path, options };
}

/**
 * A project on a server of which no key is revoked. Its key may do everything; those of a login lack the scopes of check,
 * track and attach.
 */
async function unlimited(t) {
  const server = await Autumn.start();
  t.after(() => server.stop());
  return project(t, {}, server);
}

/**
 * Each client, by its row of the table, as the same four functions. `list` returns the ids of the customers; `create` sends a body; `fail` makes a
 * call that Autumn answers with 404 and returns status and code of the answer; `cancel` makes a call with a signal.
 */
const CLIENTS = {
  'Client.request': ({ client }) => ({
    list: async () => (await client.request('GET', '/v1/customers')).json().list.map(({ id }) => id),
    create: async (id) => (await client.request('POST', '/v1/customers', { json: { id } })).json().id,
    fail: async () => {
      const error = await client.request('GET', '/v1/customers/none').catch((error) => error);
      return [error.status, error.json().code];
    },
    cancel: (signal) => client.request('GET', '/v1/customers', { signal }),
  }),
  'client.fetch': ({ client }) => {
    const json = { 'content-type': 'application/json' };
    const create = (id) =>
      client.fetch('/v1/customers', { method: 'POST', headers: json, body: JSON.stringify({ id }) });
    return {
      list: async () => (await (await client.fetch('/v1/customers')).json()).list.map(({ id }) => id),
      create: async (id) => (await (await create(id)).json()).id,
      fail: async () => {
        const response = await client.fetch(new URL('/v1/customers/none', client.server));
        return [response.status, (await response.json()).code];
      },
      cancel: (signal) => client.fetch('/v1/customers', { signal }),
    };
  },
  'ky with client.fetch': ({ client }) => {
    // The retries of libatmn know the idempotency key.
    const api = ky.create({ fetch: client.fetch, prefixUrl: client.server, retry: 0 });
    return {
      list: async () => (await api.get('v1/customers').json()).list.map(({ id }) => id),
      create: async (id) => (await api.post('v1/customers', { json: { id } }).json()).id,
      fail: async () => {
        const { response } = await api.get('v1/customers/none').catch((error) => error);
        return [response.status, (await response.json()).code];
      },
      cancel: (signal) => api.get('v1/customers', { signal }).json(),
    };
  },
  'openapi-fetch with client.fetch': ({ client }) => {
    const api = createOpenApiClient({ fetch: client.fetch, baseUrl: client.server });
    return {
      list: async () => (await api.GET('/v1/customers')).data.list.map(({ id }) => id),
      create: async (id) => (await api.POST('/v1/customers', { body: { id } })).data.id,
      fail: async () => {
        const { response, error } = await api.GET('/v1/customers/{id}', { params: { path: { id: 'none' } } });
        return [response.status, error.code];
      },
      cancel: (signal) => api.GET('/v1/customers', { signal }),
    };
  },
  // While autumn-js may answer instead of an unreachable server, it replaces the HTTP client.
  'autumn-js with httpClient': ({ client, path }) =>
    sdk({ directory: path, client, failOpen: false, httpClient: new HTTPClient({ fetcher: client.fetch }) }),
  'autumn-js with secretKey': ({ client, path }) => sdk({ directory: path, client }),
};

function sdk({ directory, client, ...options }) {
  const api = new Sdk({ secretKey: () => secretKey({ directory }), serverURL: client.server, ...options });
  return {
    list: async () => (await api.customers.list({})).list.map(({ id }) => id),
    create: async (id) => (await api.customers.getOrCreate({ customerId: id })).id,
    fail: async () => {
      const error = await api.check({ customerId: 'none', featureId: 'messages' }).catch((error) => error);
      return [error.statusCode, JSON.parse(error.body).code];
    },
    cancel: (signal) => api.customers.list({}, { signal }),
  };
}

/** The paths that `cancel` calls. */
const LISTS = ['/v1/customers', '/v1/customers.list'];

test('the table of the page has the clients of these tests', () => {
  const page = readFileSync(join(repository, 'docs/adopting.md'), 'utf8').replaceAll('`', '');
  const rows = page.split('\n').map((line) => line.split(' | ')[0]);
  assert.ok(rows.includes('| Client.request, all languages'));
  const listed = rows.filter((row) => row.startsWith('| Node: ')).map((row) => row.slice('| Node: '.length));
  assert.deepEqual(['Client.request', ...listed], Object.keys(CLIENTS));
});

for (const [name, make] of Object.entries(CLIENTS)) {
  test(`${name} gets the key`, async (t) => {
    const api = make(await project(t));
    assert.ok((await api.list()).includes('cus_first'));
    assert.equal(await api.create('cus_ada'), 'cus_ada');
  });

  test(`${name} follows a re-login`, async (t) => {
    const { key, events, client, ...rest } = await project(t);
    const api = make({ client, ...rest });
    await client.request('GET', '/v1/organization/me');
    await autumn.revoke(key);
    if (name === 'autumn-js with secretKey') {
      await assert.rejects(api.list(), { statusCode: 401 });
      await client.reauthenticate(key);
    }
    assert.equal(await api.create('cus_bob'), 'cus_bob');
    assert.equal(events.filter((code) => code === 'login_url').length, 1);
    assert.ok((await api.list()).includes('cus_bob'));
  });

  test(`${name} sees error bodies`, async (t) => {
    assert.deepEqual(await make(await unlimited(t)).fail(), [404, 'customer_not_found']);
  });

  test(`${name} cancels`, async (t) => {
    const api = make(await project(t));
    t.after(() => autumn.control('DELETE', 'faults'));
    for (const path of LISTS) await autumn.fault(path, 'delay', { milliseconds: 60_000 });
    const controller = new AbortController();
    const call = api.cancel(controller.signal);
    setImmediate(() => controller.abort());
    // While autumn-js may answer instead of an unreachable server, an aborted call is such a failure to it.
    const isAbort = (error) => error.statusCode === 555 || /abort/i.test(`${error.name} ${error.message}`);
    await assert.rejects(call, isAbort);
  });
}

test('autumn-js ignores httpClient unless failOpen is false', async (t) => {
  const { client, path } = await project(t);
  let calls = 0;
  const fetcher = (request) => {
    calls++;
    return client.fetch(request);
  };
  const options = { directory: path, client, httpClient: new HTTPClient({ fetcher }) };
  await sdk(options).list();
  assert.equal(calls, 0);
  await sdk({ ...options, failOpen: false }).list();
  assert.equal(calls, 1);
});

test('a customer who runs out of credits is refused', async (t) => {
  const { client, path } = await unlimited(t);
  const { getOrCreate } = { getOrCreate: sdk({ directory: path, client }).create };
  const api = new Sdk({ secretKey: () => secretKey({ directory: path }), serverURL: client.server, failOpen: false });
  const customer = { customerId: await getOrCreate('cus_heavy'), featureId: 'messages' };
  assert.equal((await api.check(customer)).allowed, true);
  assert.equal((await api.track({ ...customer, value: 99 })).balance.remaining, 1);
  assert.equal((await api.check({ ...customer, sendEvent: true })).allowed, true);
  assert.equal((await api.check(customer)).allowed, false);
  const { list } = await api.plans.list();
  assert.deepEqual(
    list.map(({ id, price }) => [id, price?.amount]),
    [
      ['free', undefined],
      ['pro', 20],
    ],
  );
  const attached = await api.billing.attach({ customerId: 'cus_heavy', planId: 'pro' });
  assert.equal((await api.check(customer)).allowed, false);
  assert.match(await (await fetch(attached.paymentUrl)).text(), /Paid/);
  assert.equal((await api.check({ ...customer, requiredBalance: 900 })).allowed, true);
  const again = await api.billing.attach({ customerId: 'cus_heavy', planId: 'pro' });
  assert.equal(again.paymentUrl, null);
});

test('autumn-js reads all that the local Autumn answers', async (t) => {
  const { client, path } = await unlimited(t);
  const api = new Sdk({ secretKey: () => secretKey({ directory: path }), serverURL: client.server, failOpen: false });
  const customerId = 'cus_first';
  assert.equal((await api.customers.update({ customerId, email: 'a@example.com' })).email, 'a@example.com');
  await api.balances.update({ customerId, featureId: 'messages', remaining: 7 });
  assert.equal((await api.check({ customerId, featureId: 'messages' })).balance.remaining, 7);
  const attached = await api.billing.attach({ customerId, planId: 'pro', redirectMode: 'never' });
  assert.equal(attached.paymentUrl, null);
  assert.equal((await api.check({ customerId, featureId: 'priority_support' })).flag.planId, 'pro');
  const plan = await api.plans.get({ planId: 'pro' });
  assert.deepEqual(
    plan.items.map(({ featureId, included }) => [featureId, included]),
    [
      ['messages', 1000],
      ['priority_support', 0],
    ],
  );
  assert.deepEqual(
    (await api.features.list()).list.map(({ id, type }) => [id, type]),
    [
      ['messages', 'metered'],
      ['priority_support', 'boolean'],
    ],
  );
  assert.equal((await api.features.get({ featureId: 'messages' })).consumable, true);
  assert.equal((await api.billing.openCustomerPortal({ customerId })).url, client.server);
  assert.equal(
    (await api.billing.update({ customerId, planId: 'pro', cancelAction: 'cancel_immediately' })).paymentUrl,
    null,
  );
  const { subscriptions, flags } = await api.customers.getOrCreate({ customerId });
  assert.deepEqual([subscriptions[0].planId, flags], ['free', {}]);
  assert.equal((await api.customers.delete({ customerId })).success, true);
  assert.deepEqual((await api.customers.list({})).list, []);
});
