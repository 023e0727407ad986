'use strict';

const { options, shapes } = require('./arguments.js');
const { call } = require('./call.js');
const { native } = require('./native.mjs');
const results = require('./results.js');

async function whoami(given) {
  const { server, timeoutMs, signal, ...resolve } = options(shapes.whoami, given);
  const { value } = await call((deliver) => native.whoami({ server, timeoutMs, resolve }, deliver), { signal });
  return results.identity(value);
}

module.exports = { whoami };
