// The packed package: its files and declarations, and the errors of the loader.

import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import * as namespace from 'libatmn';
import { Declarations } from './declarations.mjs';
import { here, node, Project, repository, vectors } from './project.mjs';

const require = createRequire(import.meta.url);
const installed = join(dirname(here), 'node_modules');
const declared = new Declarations(join(installed, 'libatmn'));
const { platforms } = require(join(repository, 'bindings/node/scripts/platforms.js'));

test('import and require export the same names', () => {
  const required = require('libatmn');
  const { default: whole, ...names } = namespace;
  assert.equal(whole, required);
  assert.deepEqual(Object.keys(names).sort(), Object.keys(required).sort());
  for (const [name, value] of Object.entries(names)) assert.equal(value, required[name]);
});

test('classes keep their names, and no line of the package is long', () => {
  const required = require('libatmn');
  for (const [name, value] of Object.entries(required)) {
    if (typeof value === 'function') assert.equal(value.name, name);
  }
  const lines = readFileSync(require.resolve('libatmn/package.json').replace('package.json', 'lib/libatmn.js'), 'utf8');
  assert.ok(lines.split('\n').every((line) => line.length <= 200));
});

test('exports are plain properties', () => {
  const descriptors = Object.values(Object.getOwnPropertyDescriptors(require('libatmn')));
  assert.ok(descriptors.every(({ writable, get }) => writable && get === undefined));
});

test('only the package itself creates keys without parsing their text', () => {
  const { ApiKey, resolveKey } = require('libatmn');
  const { key } = resolveKey({ key: new ApiKey('am_sk_test_0123456789') });
  assert.ok(key instanceof ApiKey);
  const forged = { text: 'no key', kind: 'secret', environment: 'sandbox', masked: 'no key', fingerprint: '0' };
  for (const token of [undefined, Symbol('trusted'), Symbol.for('trusted')]) {
    assert.throws(() => new ApiKey('no key', token, forged), { code: 'malformed_key' });
    assert.throws(() => new ApiKey(undefined, token, forged), { name: 'TypeError', code: 'invalid_argument' });
  }
  assert.throws(() => new ApiKey(forged), { name: 'TypeError', code: 'invalid_argument' });
  assert.throws(() => require('libatmn/lib/key.js'), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' });
});

test('the declarations list the exports and their methods', () => {
  const required = require('libatmn');
  const values = declared.exports().filter(({ what }) => what !== 'interface' && what !== 'type');
  assert.deepEqual(values.map(({ name }) => name).sort(), Object.keys(required).sort());
  for (const { what, name } of values) {
    if (what !== 'class') continue;
    const own = Object.getOwnPropertyDescriptors(required[name].prototype);
    const functions = Object.keys(own).filter((member) => typeof own[member].value === 'function');
    assert.deepEqual(
      declared.methods(name).sort(),
      functions.filter((member) => member !== 'constructor').sort(),
      name,
    );
  }
});

test('the declared codes are those of the shared table', () => {
  const { errors, events } = vectors('errors.json');
  const names = (table) => table.map(({ name }) => name).sort();
  assert.deepEqual(declared.names('ErrorCode').sort(), names(errors));
  assert.deepEqual(declared.names('EventCode').sort(), names(events));
  const refusals = errors.filter(({ number }) => number >= 500);
  assert.deepEqual(declared.names('AuthenticationCode').sort(), names(refusals));
});

/** Results whose fields differ from what `atmn --json` prints: keys are objects, and defaults are left out. */
const DIFFERENT = ['ResolvedKey', 'LoginResult', 'PendingLogin', 'Identity'];

test('the declared results have the shared fields', () => {
  const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const pascal = (name) => name.replace(/(?:^|_)(\w)/g, (_, letter) => letter.toUpperCase());
  const interfaces = declared.exports().filter(({ what }) => what === 'interface');
  const compared = [];
  for (const [shape, fields] of Object.entries(vectors('shapes.json'))) {
    const name = pascal(shape);
    if (DIFFERENT.includes(name) || !interfaces.some((one) => one.name === name)) continue;
    assert.deepEqual(declared.fields(name).map(snake).sort(), [...fields].sort(), name);
    compared.push(name);
  }
  assert.ok(compared.includes('SaveResult') && compared.includes('LogoutResult'), compared.join());
});

test('package, addon and core have the same version', () => {
  const { version } = require('libatmn/package.json');
  assert.equal(namespace.version, version);
  const [, cargo] = readFileSync(join(repository, 'Cargo.toml'), 'utf8').match(/^version = "(.+)"$/m);
  assert.equal(version, cargo);
});

test('the package has no install scripts and an optional dependency for each platform', () => {
  const manifest = require('libatmn/package.json');
  assert.equal(manifest.scripts, undefined);
  assert.equal(manifest.dependencies, undefined);
  assert.equal(manifest.devDependencies, undefined);
  const names = Object.keys(platforms).map((name) => `@libatmn/${name}`);
  assert.deepEqual(Object.keys(manifest.optionalDependencies), names);
  const loader = readFileSync(join(repository, 'bindings/node/lib/native.js'), 'utf8');
  for (const name of Object.keys(platforms)) {
    assert.ok(loader.includes(`require('@libatmn/${name}/libatmn.${name}.node')`), name);
  }
  const files = readdirSync(join(installed, 'libatmn'));
  const texts = ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'THIRD-PARTY.txt'];
  const declarations = ['enumerations.d.ts', 'index.d.mts', 'index.d.ts', 'types'];
  assert.deepEqual(files.sort(), [...texts, ...declarations, 'lib', 'package.json'].sort());
});

test('the packed code does not depend on its folder, and loads no addon but those of the binary packages', () => {
  const folder = join(installed, 'libatmn/lib');
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');
    assert.doesNotMatch(
      text,
      /cargo|process\.dlopen|__dirname|__filename|import\.meta|target\/|\.so\b|\.dylib|\.dll/i,
      name,
    );
  }
});

/** The package with the binary of this platform, and the name of the binary. */
function binaryPackage() {
  const [platform] = readdirSync(join(installed, '@libatmn'));
  return { folder: `@libatmn/${platform}`, binary: `libatmn.${platform}.node` };
}

test('a binary package declares its platform', () => {
  const { folder, binary } = binaryPackage();
  const { name, version, os, cpu, libc, main, engines, scripts } = require(`${folder}/package.json`);
  assert.deepEqual([name, version, os, cpu], [folder, namespace.version, [process.platform], [process.arch]]);
  assert.equal(main, binary);
  assert.deepEqual([engines, scripts], [{ node: '>=20' }, undefined]);
  if (process.platform === 'linux') assert.ok(['glibc', 'musl'].includes(libc[0]));
});

/** The error output of a program that loads the package with a binary that `spoil` has changed. */
async function loadError(t, spoil, program = "require('libatmn')") {
  const project = new Project(t);
  const modules = project.file('node_modules');
  cpSync(installed, modules, { recursive: true, filter: (path) => !path.endsWith('.node') });
  const { folder: name, binary } = binaryPackage();
  spoil({ folder: join(modules, name), file: join(modules, name, binary), real: join(installed, name, binary) });
  const { code, stderr } = await node(['-e', program], { cwd: project.path });
  assert.equal(code, 1);
  return { stderr, name };
}

test('the loader names platform, C library and package if the binary is missing', async (t) => {
  const { stderr, name } = await loadError(t, ({ folder }) => rmSync(folder, { recursive: true }));
  assert.ok(stderr.includes(`cannot load its binary for ${process.platform} ${process.arch}`), stderr);
  if (process.platform === 'linux') assert.match(stderr, /with (glibc \d|musl)/);
  assert.ok(stderr.includes(`${name}: Cannot find module '${name}/`), stderr);
});

test('the command prints only the message if the binary is missing', async (t) => {
  const project = new Project(t);
  cpSync(join(installed, 'libatmn'), project.file('node_modules/libatmn'), { recursive: true });
  const { bin } = require('libatmn/package.json');
  const script = project.file(`node_modules/libatmn/${bin.libatmn}`);
  const { code, stdout, stderr } = await node([script, 'key'], { cwd: project.path });
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(
    stderr,
    /^libatmn cannot load its binary for .*\n( {2}@libatmn\/.*\n)+The binary is in the optional dependency /,
  );
  assert.doesNotMatch(stderr, /node:internal|\n {4}at |throw /);
  assert.ok(stderr.endsWith('.\n'), stderr);
});

test("the loader reports the system's error for a damaged binary", async (t) => {
  const { stderr } = await loadError(t, ({ file }) => writeFileSync(file, 'no library'));
  assert.match(stderr, /invalid ELF header|file too short|not a mach-o|not a valid Win32/);
});

test('the loader refuses a binary of another version', async (t) => {
  const { stderr, name } = await loadError(t, ({ file, real, folder }) => {
    symlinkSync(real, file);
    const loader = join(folder, '../../libatmn/lib/libatmn.js');
    writeFileSync(loader, readFileSync(loader, 'utf8').replace(`"${namespace.version}"`, '"9.0.0"'));
  });
  assert.match(stderr, new RegExp(`${name}: is version 0\\..*, but libatmn is version 9\\.`));
});

test('the loader says that a platform is not supported', async (t) => {
  for (const [platform, arch] of [
    ['freebsd', 'x64'],
    ['linux', 'ppc64'],
  ]) {
    const program = `
      Object.defineProperty(process, 'platform', { value: '${platform}' });
      Object.defineProperty(process, 'arch', { value: '${arch}' });
      require('libatmn');`;
    const { stderr } = await loadError(t, () => {}, program);
    assert.match(stderr, new RegExp(`libatmn is not supported on ${platform} ${arch}\\.`));
    assert.match(stderr, /code: 'ERR_LIBATMN_UNSUPPORTED_PLATFORM'/);
    assert.doesNotMatch(stderr, /install/);
  }
});

test('the loader names the flag that native addons need', async () => {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  const flags = [['--no-addons'], [permission, '--allow-fs-read=*']];
  for (const args of flags) {
    const { code, stderr } = await node([...args, '-e', "require('libatmn')"]);
    assert.equal(code, 1);
    assert.match(stderr, /--allow-addons with --permission, and omit --no-addons/, stderr);
    assert.match(stderr, /code: 'ERR_LIBATMN_ADDONS_DISABLED'/);
  }
});
