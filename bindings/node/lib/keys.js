'use strict';

const { argument, key, readOptions, text } = require('./arguments.js');
const { call } = require('./call.js');
const { unwrap, wrongType } = require('./errors.js');
const { hostForResolution, withHost } = require('./host.js');
const native = require('./native.js');
const { logout: logoutOptions, resolve, save } = require('./options.js');
const { withKey } = require('./results.js');

function classifyKey(value) {
  return unwrap(native.classifyKey(argument('text', text, value)));
}

function resolveKey(given) {
  return withKey(unwrap(native.resolveKey(forResolution(given))));
}

function explainKey(given) {
  return unwrap(native.explainKey(forResolution(given)));
}

function saveKeys(keys, given) {
  return unwrap(native.saveKeys(textsOf(keys), withHost(readOptions(save, given))));
}

async function saveKeysAsync(keys, given) {
  const [texts, options] = [textsOf(keys), withHost(readOptions(save, given))];
  return (await call((_, callback) => native.saveKeysAsync(texts, options, callback))).value;
}

function logout(given) {
  return unwrap(native.logout(withHost(readOptions(logoutOptions, given))));
}

async function logoutAsync(given) {
  const options = withHost(readOptions(logoutOptions, given));
  return (await call((_, callback) => native.logoutAsync(options, callback))).value;
}

function forResolution(given) {
  const options = readOptions(resolve, given);
  options.host = hostForResolution();
  return options;
}

function textsOf(keys) {
  if (!Array.isArray(keys)) throw wrongType('keys', 'The argument `keys` must be an array.');
  // With `Array.from`, holes are `undefined` and so refused.
  return Array.from(keys, (one) => argument('keys', key, one));
}

module.exports = { classifyKey, explainKey, logout, logoutAsync, resolveKey, saveKeys, saveKeysAsync };
