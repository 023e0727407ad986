'use strict';

const { checked, key, options, revealed, shapes, text } = require('./arguments.js');
const { invalid, unwrap } = require('./errors.js');
const { native } = require('./native.mjs');
const { locations } = require('./location.mjs');
const results = require('./results.js');

function classifyKey(value) {
  const known = unwrap(JSON.parse(native.classifyKey(checked('text', text, value))));
  return known && results.keyClass(known);
}

function explainKey(given) {
  return locations(unwrap(JSON.parse(native.explainKey(options(shapes.resolve, given)))));
}

function saveKeys(keys, given) {
  if (!Array.isArray(keys)) throw invalid('keys', 'The argument "keys" must be an array.');
  const texts = keys.map((one) => revealed('keys', checked('keys', key, one)));
  return results.saved(unwrap(JSON.parse(native.saveKeys(texts, options(shapes.save, given)))));
}

function logout(given) {
  return results.logoutResult(unwrap(JSON.parse(native.logout(options(shapes.logout, given)))));
}

module.exports = { classifyKey, explainKey, logout, saveKeys };
