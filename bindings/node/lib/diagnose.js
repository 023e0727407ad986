'use strict';

const { readOptions } = require('./arguments.js');
const { callWithoutEvents } = require('./call.js');
const { withHost } = require('./host.js');
const native = require('./native.js');
const options = require('./options.js');

async function diagnose(given) {
  const { signal, ...read } = readOptions(options.diagnose, given);
  return await callWithoutEvents((callback) => native.diagnose(withHost(read), callback), signal);
}

module.exports = { diagnose };
