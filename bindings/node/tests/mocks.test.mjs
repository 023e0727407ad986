// The ways in which programs replace this package in their own tests, and the errors that they create there.

import assert from 'node:assert/strict';
import { copyFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ApiError, AtmnError, AuthenticationError } from 'libatmn';
import { here, Project, run } from './project.mjs';

const require = createRequire(import.meta.url);
const libatmn = require('libatmn');

/** A project with one test file, in which libatmn is installed. */
function project(t, file, name) {
  const made = new Project(t);
  copyFileSync(join(here, file), made.file(name));
  made.write('package.json', '{}');
  symlinkSync(join(dirname(here), 'node_modules'), made.file('node_modules'));
  return made;
}

test('mock.method of node:test replaces an operation', (t) => {
  const { mock } = t.mock.method(libatmn, 'whoami', async () => 'mocked');
  assert.equal(typeof libatmn.whoami, 'function');
  mock.restore();
  t.mock.method(libatmn.Client.prototype, 'request', async () => 'mocked');
});

test('Jest mocks the package with jest.mock, jest.spyOn and a factory', async (t) => {
  const { path } = project(t, 'mocks.jest.cjs', 'mocks.test.cjs');
  const config = JSON.stringify({
    testMatch: ['**/mocks.test.cjs'],
    rootDir: path,
    cacheDirectory: join(path, 'cache'),
  });
  const jest = require.resolve('jest/bin/jest');
  const args = [jest, '--ci', '--watchman=false', '--config', config];
  const { code, stderr } = await run(process.execPath, args, { cwd: path });
  assert.equal(code, 0, stderr);
});

test('vitest mocks the package with vi.mock and vi.spyOn', async (t) => {
  const { path } = project(t, 'mocks.vitest.mjs', 'mocks.test.mjs');
  const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
  const args = [vitest, 'run', '--root', path, '--cache=false', '--pool=forks'];
  const { code, stdout, stderr } = await run(process.execPath, args, { cwd: path });
  assert.equal(code, 0, stdout + stderr);
});

test('programs can create the errors', () => {
  const plain = new AtmnError({ code: 'key_not_found', message: 'No key.' });
  assert.ok(plain instanceof Error);
  assert.deepEqual(
    [plain.name, plain.code, plain.message, plain.hint, plain.context, plain.cause],
    ['AtmnError', 'key_not_found', 'No key.', null, {}, undefined],
  );
  const cause = new Error('refused');
  const full = { code: 'connect_failed', message: 'No connection.', hint: 'Try again.', context: { port: '1' }, cause };
  const { code, message, hint, context, cause: same } = new AtmnError(full);
  assert.deepEqual({ code, message, hint, context, cause: same }, full);
  const answer = new ApiError({ code: 'api_error', message: 'Not found.', status: 404, requestId: 'req_1' });
  assert.deepEqual([answer.status, answer.requestId, answer.apiCode, answer.environment], [404, 'req_1', null, null]);
  const body = { message: 'Invalid secret key', code: 'invalid_secret_key', env: 'live' };
  const refusal = new AuthenticationError({ code: body.code, message: 'Refused.', body });
  assert.deepEqual([refusal.status, refusal.body, refusal.name], [401, body, 'AuthenticationError']);
});
