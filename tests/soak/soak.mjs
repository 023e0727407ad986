// The Node program of `make soak`: many logins and many calls in one process. See `watch.py`.

import { readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';

const { Client, login } = createRequire(`${process.env.ATMN_NODE_PACKAGES}/`)('libatmn');

/** Collects garbage and waits for `watch.py` to measure this process, every few turns. */
function pause(what, turn, every) {
  if (turn % every !== 0) return;
  globalThis.gc();
  writeSync(1, `${what} ${turn}\n`);
  readSync(0, Buffer.alloc(16));
}

for (let turn = 1; turn <= 200; turn++) {
  await login({ force: true, onEvent: () => {} });
  pause('logins', turn, 50);
}
const client = new Client();
for (let turn = 1; turn <= 10_000; turn++) {
  await client.request('GET', '/v1/organization/me');
  pause('calls', turn, 2_500);
}
