// Measures 100 calls in a row with `client.fetch` and with `fetch`, and 2,000 concurrent calls with `client.request` and
// with `fetch` (undici). Each body is parsed.
//
//   calls.mjs PACKAGES RESULT

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [packages, result] = process.argv.slice(2);
const { Client } = createRequire(`${packages}/`)('libatmn');
const KEY = 'am_sk_test_0123456789ab';
const PATH = '/v1/products';

/** The median of several rounds, in seconds; the functions take turns. */
async function medians(rounds, functions) {
  const taken = Object.fromEntries(Object.keys(functions).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, work] of Object.entries(functions)) {
      const began = performance.now();
      await work();
      // The first round connects and warms up.
      if (round > 0) taken[name].push((performance.now() - began) / 1000);
    }
  }
  return Object.fromEntries(Object.entries(taken).map(([name, times]) => [name, middle(times)]));
}

function middle(times) {
  return times.sort((one, other) => one - other)[Math.floor(times.length / 2)];
}

const inARow = (call) => async () => {
  for (let count = 0; count < 100; count++) await call();
};
const atOnce = (call) => () => Promise.all(Array.from({ length: 2000 }, call));

const server = spawn(process.execPath, [new URL('answers.mjs', import.meta.url).pathname], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const url = String((await once(server.stdout, 'data'))[0]).trim();
  const client = new Client({ server: url, key: KEY });
  const headers = { authorization: `Bearer ${KEY}` };
  const plain = async () => (await fetch(url + PATH, { headers })).json();
  const figures = await medians(22, {
    'node client.fetch': inARow(async () => (await client.fetch(PATH)).json()),
    'node fetch': inARow(plain),
  });
  const concurrent = await medians(8, {
    'node concurrent': atOnce(async () => (await client.request('GET', PATH)).json()),
    'node fetch concurrent': atOnce(plain),
  });
  writeFileSync(result, JSON.stringify({ ...figures, ...concurrent }));
} finally {
  server.kill();
}
process.exit();
