'use strict';

const { readOptions, withoutPrototype } = require('./arguments.js');
const { callWithoutEvents } = require('./call.js');
const { host } = require('./host.js');
const native = require('./native.js');
const options = require('./options.js');
const { withKey } = require('./results.js');

async function whoami(given) {
  const { server, timeoutMs, signal, ...resolve } = readOptions(options.whoami, given);
  const read = withoutPrototype({ server, timeoutMs, resolve: withoutPrototype({ ...resolve, host: host() }) });
  return withKey(await callWithoutEvents((callback) => native.whoami(read, callback), signal));
}

module.exports = { whoami };
