'use strict';

const { argument, key, readOptions, text, withoutPrototype } = require('./arguments.js');
const { callWithoutEvents } = require('./call.js');
const { unwrap, wrongType } = require('./errors.js');
const { hostForResolution, withHost } = require('./host.js');
const native = require('./native.js');
const options = require('./options.js');
const { isReadable } = require('./properties.js');
const { withKey } = require('./results.js');

function classifyKey(value) {
  return unwrap(native.classifyKey(argument('text', text, value)));
}

function resolveKey(given) {
  return withKey(unwrap(native.resolveKey(forResolution(given))));
}

function findKey(given) {
  const found = unwrap(native.findKey(forResolution(given)));
  return found && withKey(found);
}

async function findKeyAsync(given) {
  const { signal, ...rest } = readOptions(options.findKeyAsync, given);
  const read = withoutPrototype({ ...rest, host: hostForResolution() });
  const found = await callWithoutEvents((callback) => native.findKeyAsync(read, callback), signal);
  return found && withKey(found);
}

async function secretKey(given) {
  return resolveKey(given).key.reveal();
}

function explainKey(given) {
  return unwrap(native.explainKey(forResolution(given)));
}

function saveKeys(keys, given) {
  return unwrap(native.saveKeys(textsOf(keys), withHost(readOptions(options.save, given))));
}

async function saveKeysAsync(keys, given) {
  const texts = textsOf(keys);
  const { signal, ...rest } = readOptions(options.saveAsync, given);
  const read = withHost(withoutPrototype(rest));
  return callWithoutEvents((callback) => native.saveKeysAsync(texts, read, callback), signal);
}

function logout(given) {
  return unwrap(native.logout(withHost(readOptions(options.logout, given))));
}

async function logoutAsync(given) {
  const { signal, ...rest } = readOptions(options.logoutAsync, given);
  const read = withHost(withoutPrototype(rest));
  return callWithoutEvents((callback) => native.logoutAsync(read, callback), signal);
}

function forResolution(given) {
  const read = readOptions(options.resolve, given);
  read.host = hostForResolution();
  return read;
}

function textsOf(keys) {
  if (!isReadable(keys) || !Array.isArray(keys)) throw wrongType('keys', 'The argument `keys` must be an array.');
  // With `Array.from`, holes are `undefined` and so refused.
  return Array.from(keys, (one) => argument('keys', key, one));
}

module.exports = {
  classifyKey,
  explainKey,
  findKey,
  findKeyAsync,
  logout,
  logoutAsync,
  resolveKey,
  saveKeys,
  saveKeysAsync,
  secretKey,
};
