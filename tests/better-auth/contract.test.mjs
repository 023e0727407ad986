// The local Autumn answers as Better Auth does. Each difference is listed in requests.json, with its reason.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Client } from './contract/client.mjs';
import { Server } from './support/fixtures.mjs';

const file = JSON.parse(readFileSync(new URL('contract/requests.json', import.meta.url), 'utf8'));
/** Fields whose values must be equal; of all other fields, only the type must be. */
const EXACT = new Set([
  ...['to', 'body', 'error', 'code', 'iss', 'state', 'status', 'type', 'token_type', 'expires_in', 'scope', 'scopes', 'client_id'],
  ...['org_id', 'user_id', 'name', 'slug', 'env', 'id', 'email', 'total', 'limit', 'offset', 'has_more'],
  ...['grant_types_supported', 'response_types_supported', 'response_modes_supported', 'code_challenge_methods_supported'],
  ...['token_endpoint_auth_methods_supported', 'authorization_response_iss_parameter_supported'],
]);

/** `code` is an error code in a failure, and a random secret in a callback. */
const isSecret = (key, value) => key === 'code' && /^[A-Za-z0-9]{32}$/.test(value);

/** One pair for each value in the response: its path, and its text or type. */
function* lines(value, path, key, server) {
  if (key === 'scopes') value.sort();
  if (Array.isArray(value) && !value.every((item) => typeof item === 'string')) {
    for (const [at, item] of value.entries()) yield* lines(item, `${path}/${at}`, key, server);
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [name, item] of Object.entries(value)) yield* lines(item, `${path}/${name}`, name, server);
    if (Object.keys(value).length === 0) yield [path, '{}'];
  } else if (typeof value === 'string' && value.startsWith(server)) {
    yield [path, value.replace(server, '$server')];
  } else if (value !== undefined) {
    yield [path, EXACT.has(key) && !isSecret(key, value) ? JSON.stringify(value) : typeof value];
  }
}

const answers = async (server) => {
  const client = await Client.of(server, file);
  const values = new Map();
  for (const [name, steps] of Object.entries(file.cases)) {
    const results = await client.steps(steps);
    results.forEach((result, at) => {
      for (const [path, text] of lines(result, '', '', server.url)) values.set(`${name}, ${at + 1}: ${path}`, text);
    });
  }
  return values;
};

test('local Autumn and Better Auth give the same answers', async (t) => {
  const [local, real] = await Promise.all([Server.localAutumn(), Server.betterAuth()]);
  t.after(() => Promise.all([local.stop(), real.stop()]));
  local.isLocal = true;
  const [ours, theirs] = [await answers(local), await answers(real)];
  assert.ok(ours.size > 300, `only ${ours.size} values were compared`);
  t.diagnostic(`${Object.keys(file.cases).length} cases, ${ours.size} values`);
  const unlisted = [];
  const unused = new Set(file.differences.flatMap(({ where }) => where));
  for (const path of new Set([...ours.keys(), ...theirs.keys()])) {
    const [our, their] = [ours.get(path) ?? 'absent', theirs.get(path) ?? 'absent'];
    if (our === their) continue;
    const isListed = ({ where, local = our, real = their }) =>
      local === our && real === their && where.filter((pattern) => fits(path, pattern)).map((pattern) => unused.delete(pattern)).length;
    // Checks all entries, even after the first match, so that unused ones are found.
    if (file.differences.filter(isListed).length === 0) unlisted.push(`${path}: ${our} | ${their}`);
  }
  assert.deepEqual({ unlisted, unused: [...unused] }, { unlisted: [], unused: [] });
});

/** Whether a path matches a pattern, in which `*` matches any text. */
function fits(path, pattern) {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(path);
}
