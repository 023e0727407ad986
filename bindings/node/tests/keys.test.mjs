import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import {
  ApiKey,
  classifyKey,
  configure,
  diagnose,
  explainKey,
  findKey,
  findKeyAsync,
  logout,
  logoutAsync,
  resolveKey,
  saveKeys,
  saveKeysAsync,
  serverInfo,
} from 'libatmn';
import { node, Project, vectors } from './project.mjs';

const SANDBOX = 'am_sk_test_plantedSandbox01';
const LIVE = 'am_sk_live_plantedLive000002';

test('classifyKey and ApiKey classify the texts of the vectors', () => {
  const cases = vectors('keys.json');
  assert.ok(cases.length >= 30);
  for (const { text: given, kind, environment, masked } of cases) {
    const text = typeof given === 'string' ? given : (given.before ?? '') + given.repeat.repeat(given.times);
    assert.deepEqual(classifyKey(text), kind ? { kind, environment } : null, text.slice(0, 40));
    if (kind) {
      const key = new ApiKey(text);
      assert.deepEqual([key.kind, key.environment, `${key}`, key.reveal()], [kind, environment, masked, text]);
    } else {
      assert.throws(() => new ApiKey(text), { name: 'AtmnError', code: 'malformed_key' });
    }
  }
});

test('a key prints itself masked in every way of printing', () => {
  const key = new ApiKey(SANDBOX);
  const seen = [
    `${key}`,
    String(key),
    JSON.stringify({ key }),
    inspect(key),
    inspect({ key }, { showHidden: true, depth: 9, customInspect: false, getters: true }),
    format('%s %o %O %j', key, key, key, key),
    inspect(structuredClone(key)),
    Object.entries(key).flat().join(),
    Object.getOwnPropertyNames(key).join(),
    [key].join(),
  ].join('\n');
  assert.doesNotMatch(seen, /planted/);
  assert.match(seen, /am_sk_test_…ox01/);
  assert.throws(() => new Headers({ authorization: `Bearer ${key}` }), TypeError);
  assert.throws(() => (key.kind = 'publishable'), TypeError);
});

test('keys are equal exactly if their texts are', () => {
  const [first, second] = ['am_sk_test_aaaaaaaaaaaaa0123', 'am_sk_test_bbbbbbbbbbbbb0123'].map(
    (text) => new ApiKey(text),
  );
  assert.notDeepStrictEqual(first, second);
  assert.deepStrictEqual(first, new ApiKey(first.reveal()));
  assert.equal(first.equals(second), false);
  assert.equal(first.equals(new ApiKey(first.reveal())), true);
  for (const other of [undefined, null, 'am_sk_test_aaaaaaaaaaaaa0123', {}]) assert.equal(first.equals(other), false);
  assert.match(first.fingerprint, /^[0-9a-f]{16}$/);
});

test('saveKeysAsync and logoutAsync do the same without blocking', async (t) => {
  const project = new Project(t);
  const options = { directory: project.path };
  const saving = saveKeysAsync([SANDBOX], options);
  assert.ok(saving instanceof Promise);
  assert.equal((await saving).path, project.file('.env'));
  assert.equal((await logoutAsync(options)).removed.length, 1);
  await assert.rejects(saveKeysAsync(['am_pk_test_0123456789'], options), { code: 'wrong_key_kind' });
});

test('hints name the login command that configure sets', () => {
  const options = { directory: '/', boundary: '/' };
  configure({ loginCommand: 'shop login' });
  const withCommand = hintOf(() => resolveKey(options));
  configure({});
  assert.match(withCommand, /`shop login`/);
  assert.doesNotMatch(
    hintOf(() => resolveKey(options)),
    /shop/,
  );
});

test('with a login command, hints name no function and no option', (t) => {
  const live = new Project(t);
  live.write('.env', 'AUTUMN_SECRET_KEY=am_sk_live_0123456789\n');
  const options = { directory: live.path, environment: 'sandbox' };
  assert.match(
    hintOf(() => resolveKey(options)),
    /`environment: 'live'`/,
  );
  configure({ loginCommand: 'shop login' });
  t.after(() => configure({}));
  const hint = hintOf(() => resolveKey(options));
  assert.match(hint, /use the live key, use the program's option/);
  assert.doesNotMatch(hint, /environment:|\(\)|npx/);
});

test('a login command is one visible line', () => {
  for (const loginCommand of ['', ' ', 'shop\nlogin', 'shop\u001b[31m login', 'shop\u202enigol']) {
    assert.throws(() => configure({ loginCommand }), { code: 'invalid_argument', context: { option: 'loginCommand' } });
  }
});

function hintOf(call) {
  try {
    call();
  } catch ({ hint }) {
    return hint;
  }
  return null;
}

test('resolveKey finds the nearest key and its location', (t) => {
  const project = new Project(t);
  mkdirSync(project.file('packages/web'), { recursive: true });
  project.write('.env', `PORT=80\nAUTUMN_SECRET_KEY=${SANDBOX}\nAUTUMN_PROD_SECRET_KEY=${LIVE}\n`);
  const options = { directory: project.file('packages/web'), boundary: project.path };
  const { key, source, skipped } = resolveKey(options);
  assert.equal(key.reveal(), SANDBOX);
  assert.deepEqual(source, {
    origin: 'env_file',
    variable: 'AUTUMN_SECRET_KEY',
    path: project.file('.env'),
    line: 2,
    outcome: 'used',
    masked: `${key}`,
    reason: null,
    text: `AUTUMN_SECRET_KEY in ${project.file('.env')}, line 2`,
  });
  assert.deepEqual(skipped, []);
  assert.equal(resolveKey({ ...options, environment: 'live' }).key.reveal(), LIVE);
  assert.equal(resolveKey({ ...options, key: new ApiKey(LIVE) }).source.origin, 'argument');
  const locations = explainKey(options);
  assert.deepEqual(
    locations.map(({ outcome }) => outcome),
    ['absent', 'absent', 'absent', 'absent', 'absent', 'absent', 'absent', 'used'],
  );
});

test('resolveKey throws the code of a missing or wrong key', (t) => {
  const project = new Project(t);
  const options = { directory: project.path, boundary: project.path };
  assert.throws(() => resolveKey(options), { code: 'key_not_found' });
  project.write('.env', `AUTUMN_SECRET_KEY=${LIVE}\n`);
  assert.throws(
    () => resolveKey({ ...options, environment: 'sandbox' }),
    (error) => {
      assert.equal(error.code, 'wrong_environment');
      assert.equal(error.context.path, project.file('.env'));
      assert.equal(error.context.line, '1');
      assert.throws(() => (error.context.line = '2'), TypeError);
      return true;
    },
  );
  project.write('.env', `AUTUMN_SECRET_KEY=${LIVE}\n`);
  const inner = project.file('inner');
  mkdirSync(join(inner, '.env'), { recursive: true });
  const { skipped } = resolveKey({ directory: inner, boundary: project.path });
  assert.deepEqual([skipped[0].outcome, skipped[0].path], ['skipped', join(inner, '.env')]);
  assert.match(skipped[0].text, /skipped: it /);
});

test('resolveKey prefers process variables, also those set at run time', async (t) => {
  const project = new Project(t);
  project.write('.env', `AUTUMN_SECRET_KEY=${LIVE}\n`);
  const program = `
    import { resolveKey } from 'libatmn';
    const directory = process.argv[1];
    console.log(resolveKey({ directory }).source.origin);
    process.env.AUTUMN_SECRET_KEY = '${SANDBOX}';
    console.log(resolveKey({ directory }).source.origin);`;
  const { stdout, stderr } = await node(['--input-type=module', '-e', program, project.path]);
  assert.equal(stdout, 'env_file\nprocess\n', stderr);
});

test('saveKeys and logout change only the lines of the keys', (t) => {
  const project = new Project(t);
  project.write('.env', `# mine\r\nAUTUMN_SECRET_KEY='am_sk_test_old00000'\r\nPORT=80\r\n`);
  chmodSync(project.file('.env'), 0o644);
  const saved = saveKeys([SANDBOX, new ApiKey(LIVE)], { directory: project.path });
  const { replaced, ...rest } = saved;
  assert.deepEqual(rest, {
    path: project.file('.env'),
    created: false,
    git: 'none',
    shadowedBy: [],
    locked: true,
    note: `Other accounts can read ${project.file('.env')}. Run \`chmod 600\` on it, unless one of them needs it.`,
  });
  assert.equal(replaced[0].masked, 'am_sk_test_…0000');
  assert.match(
    project.read('.env'),
    new RegExp(`^# mine\r\n.*${SANDBOX}.*\r\nPORT=80\r\nAUTUMN_PROD_SECRET_KEY=${LIVE}\n$`),
  );
  const { removed, remaining, note, path, locked } = logout({ directory: project.path });
  assert.deepEqual([removed.length, remaining, path, locked], [2, [], project.file('.env'), true]);
  assert.match(note, /revoke/);
  assert.equal(project.read('.env'), '# mine\r\nPORT=80\r\n');
});

test('saveKeys creates a private .env and reports nearer keys', (t) => {
  const project = new Project(t);
  project.write('.env.local', `AUTUMN_SECRET_KEY=am_sk_test_nearer00000\n`);
  const saved = saveKeys([SANDBOX], { directory: project.path, file: '.env' });
  assert.equal(statSync(project.file('.env')).mode & 0o777, 0o600);
  assert.equal(saved.shadowedBy[0].path, project.file('.env.local'));
  assert.equal(logout({ directory: project.path, file: '.env', server: 'local' }).remaining.length, 1);
  assert.equal(logout({ directory: project.path, server: 'local' }).path, project.file('.env.local'));
});

test('saveKeys refuses texts that are not secret keys', (t) => {
  const project = new Project(t);
  const options = { directory: project.path };
  assert.throws(() => saveKeys([], options), { name: 'AtmnError', code: 'invalid_argument' });
  assert.throws(() => saveKeys([SANDBOX, `${SANDBOX}x`], options), { name: 'AtmnError', code: 'invalid_argument' });
  assert.throws(() => saveKeys(['am_pk_test_0123456789'], options), { code: 'wrong_key_kind' });
  assert.throws(() => saveKeys([`${SANDBOX}\nEVIL=1`], options), { code: 'malformed_key' });
  mkdirSync(project.file('.env'));
  assert.throws(() => saveKeys([SANDBOX], options), { code: 'not_a_file' });
});

test('findKey returns null if there is no key, and throws for anything else', async (t) => {
  const project = new Project(t);
  const options = { directory: project.path, boundary: project.path };
  assert.equal(findKey(options), null);
  assert.equal(await findKeyAsync(options), null);
  project.write('.env', `AUTUMN_SECRET_KEY=${SANDBOX}\n`);
  assert.equal(findKey(options).key.reveal(), SANDBOX);
  assert.equal((await findKeyAsync(options)).source.path, project.file('.env'));
  project.write('.env', 'AUTUMN_SECRET_KEY=planted\n');
  assert.throws(() => findKey(options), { code: 'malformed_key' });
  await assert.rejects(findKeyAsync(options), { code: 'malformed_key' });
  await assert.rejects(findKeyAsync({ ...options, signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('diagnose reports what is wrong as a result', async () => {
  const { checks } = await diagnose({ offline: true });
  assert.ok(checks.length > 8 && checks.every(({ message }) => message.length > 5));
  assert.ok(checks.some(({ subject, outcome }) => subject === 'server' && outcome === 'ok'));
  assert.ok(checks.every(({ outcome, hint }) => outcome !== 'ok' || hint === null));
  await assert.rejects(diagnose({ timeoutMs: 0 }), { code: 'invalid_argument' });
});

test('serverInfo returns URLs, scopes and the client id', () => {
  const { apiUrl, dashboardUrl, scopes, clientId } = serverInfo({ server: 'cloud' });
  assert.deepEqual([apiUrl, dashboardUrl], ['https://api.useautumn.com', 'https://app.useautumn.com']);
  assert.equal(scopes.length, 20);
  assert.equal(clientId.length, 32);
  assert.equal(serverInfo({ server: 'https://autumn.example' }).dashboardUrl, null);
  assert.throws(() => serverInfo({ server: 'ftp://x' }), { code: 'invalid_argument' });
});

test('saveKeys and logout use the file of the option', (t) => {
  const project = new Project(t);
  const directory = project.path;
  assert.equal(saveKeys([SANDBOX], { directory, file: '.env.local' }).path, project.file('.env.local'));
  assert.equal(logout({ directory }).path, project.file('.env.local'));
  assert.throws(() => saveKeys([SANDBOX], { directory, file: '.env.production' }), { code: 'invalid_argument' });
});
