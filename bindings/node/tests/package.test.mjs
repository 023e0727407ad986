// What is packed: how it is found, what it declares, and what it says where it cannot run.

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
const declared = new Declarations(join(installed, 'libatmn/index.d.ts'));
const { platforms } = require(join(repository, 'bindings/node/scripts/platforms.js'));

test('import and require export the same names', () => {
  const required = require('libatmn');
  const { default: whole, 'module.exports': _, ...names } = namespace;
  assert.equal(whole, required);
  assert.deepEqual(Object.keys(names).sort(), Object.keys(required).sort());
  for (const [name, value] of Object.entries(names)) assert.equal(value, required[name]);
});

test('a program that only wants its key loads one file and the addon, and nothing more of Node', async () => {
  const program = `
    const internal = /^NativeModule internal\\/modules\\//;
    const before = new Set(process.moduleLoadList);
    const { resolveKey } = require('libatmn');
    const { key, source } = resolveKey();
    const files = () => Object.keys(require.cache).map((path) => require('node:path').basename(path));
    const loaded = { files: files(), more: process.moduleLoadList.filter((name) => !before.has(name) && !internal.test(name)) };
    require('libatmn').login;
    console.log(JSON.stringify({ ...loaded, later: files(), masked: String(key), origin: source.origin }));`;
  const env = { ...process.env, AUTUMN_SECRET_KEY: 'am_sk_test_0123456789' };
  const { stdout, stderr } = await node(['-e', program], { env });
  const { files, more, later, masked, origin } = JSON.parse(stdout || `{ "files": ${JSON.stringify(stderr)} }`);
  const [addon] = readdirSync(installed).filter((name) => name.startsWith('libatmn-'));
  assert.deepEqual(files, ['index.js', `${addon.replace('-', '.')}.node`]);
  assert.deepEqual([more, masked, origin], [[], 'am_sk_test_…6789', 'process']);
  assert.deepEqual(later, [...files, 'later.js']);
});

test('what is loaded later can be replaced before and after, as tests do', async () => {
  const program = `
    const libatmn = require('libatmn');
    libatmn.login = () => 'mine';
    const own = Object.getOwnPropertyDescriptor(libatmn, 'whoami').get !== undefined && typeof libatmn.whoami;
    libatmn.whoami = () => 'mine too';
    console.log(libatmn.login(), own, libatmn.whoami(), Object.keys(libatmn).length);`;
  const { stdout, stderr } = await node(['-e', program]);
  const count = Object.keys(require('libatmn')).length;
  assert.equal(stdout, `mine function mine too ${count}\n`, stderr);
});

test('keys of all files are of one class, and nobody makes one without its text being read', () => {
  const { ApiKey, resolveKey } = require('libatmn');
  const { key } = resolveKey({ key: new ApiKey('am_sk_test_0123456789') });
  assert.ok(key instanceof ApiKey);
  const forged = ['no key', 'secret', 'sandbox', 'no key'];
  for (const token of [undefined, Symbol('trusted'), Symbol.for('trusted')]) {
    assert.throws(() => new ApiKey('no key', token, forged), { code: 'malformed_key' });
    assert.throws(() => new ApiKey(undefined, token, forged), { name: 'TypeError', code: 'invalid_argument' });
  }
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
  assert.deepEqual(declared.words('ErrorCode').sort(), names(errors));
  assert.deepEqual(declared.words('EventCode').sort(), names(events));
  const refusals = errors.filter(({ number }) => number >= 500);
  assert.deepEqual(declared.words('AuthenticationCode').sort(), names(refusals));
});

test('the declared results have the shared fields', () => {
  const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const shapes = vectors('shapes.json');
  const fields = (name) => declared.fields(name).map(snake).sort();
  for (const [name, shape] of [
    ['Place', 'place'],
    ['Saved', 'saved'],
    ['LogoutResult', 'logged_out'],
    ['Organization', 'organization'],
    ['KeyClass', 'key_class'],
  ]) {
    assert.deepEqual(fields(name), [...shapes[shape]].sort(), name);
  }
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
  const names = Object.keys(platforms).map((name) => `libatmn-${name}`);
  assert.deepEqual(Object.keys(manifest.optionalDependencies), names);
  const loader = readFileSync(join(installed, 'libatmn/lib/index.js'), 'utf8');
  for (const name of Object.keys(platforms)) {
    assert.ok(loader.includes(`require("libatmn-${name}/libatmn.${name}.node")`), name);
  }
  const files = readdirSync(join(installed, 'libatmn'));
  const expected = ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'index.d.ts', 'lib', 'package.json'];
  assert.deepEqual(files.sort(), expected);
});

test('a binary package declares its platform', () => {
  const [folder] = readdirSync(installed).filter((name) => name.startsWith('libatmn-'));
  const { name, version, os, cpu, libc, main, engines, scripts } = require(`${folder}/package.json`);
  assert.deepEqual([name, version, os, cpu], [folder, namespace.version, [process.platform], [process.arch]]);
  assert.equal(main, `${folder.replace('-', '.')}.node`);
  assert.deepEqual([engines, scripts], [{ node: '>=20' }, undefined]);
  if (process.platform === 'linux') assert.ok(['glibc', 'musl'].includes(libc[0]));
});

/** Loads the package from a folder in which something is wrong with the binary, and answers what it says. */
async function said(t, spoil, program = "require('libatmn')") {
  const project = new Project(t);
  const modules = project.file('node_modules');
  cpSync(installed, modules, { recursive: true, filter: (path) => !path.endsWith('.node') });
  const [binary] = readdirSync(installed).filter((name) => name.startsWith('libatmn-'));
  const file = join(modules, binary, `${binary.replace('-', '.')}.node`);
  const real = join(installed, binary, `${binary.replace('-', '.')}.node`);
  spoil({ folder: join(modules, binary), file, real });
  const { code, stderr } = await node(['-e', program], { cwd: project.path });
  assert.equal(code, 1);
  return { stderr, binary };
}

test('the loader names platform, C library and package if the binary is missing', async (t) => {
  const { stderr, binary } = await said(t, ({ folder }) => rmSync(folder, { recursive: true }));
  assert.ok(stderr.includes(`cannot load its binary for ${process.platform} ${process.arch}`), stderr);
  if (process.platform === 'linux') assert.match(stderr, /with (glibc \d|musl)/);
  assert.ok(stderr.includes(`${binary}: Cannot find module '${binary}/`), stderr);
});

test("the loader reports the system's error for a damaged binary", async (t) => {
  const { stderr } = await said(t, ({ file }) => writeFileSync(file, 'no library'));
  assert.match(stderr, /invalid ELF header|file too short|not a mach-o|not a valid Win32/);
});

test('the loader refuses a binary of another version', async (t) => {
  const { stderr, binary } = await said(t, ({ file, real, folder }) => {
    symlinkSync(real, file);
    const loader = join(folder, '../libatmn/lib/index.js');
    writeFileSync(loader, readFileSync(loader, 'utf8').replace('version = "0.', 'version = "9.'));
  });
  assert.match(stderr, new RegExp(`${binary} is version 0\\..*, and libatmn is version 9\\.`));
});

test('the loader says that a platform is not supported', async (t) => {
  const program = "Object.defineProperty(process, 'platform', { value: 'plan9' }); require('libatmn')";
  const { stderr } = await said(t, () => {}, program);
  assert.match(stderr, /cannot load its binary for plan9/);
  assert.match(stderr, /There is no package libatmn-plan9-/);
});
