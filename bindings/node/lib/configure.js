'use strict';

const { readOptions } = require('./arguments.js');
const { unwrap } = require('./errors.js');
const native = require('./native.js');
const options = require('./options.js');

function configure(given) {
  const { loginCommand } = readOptions(options.configure, given);
  unwrap(native.setLoginCommand(loginCommand));
}

module.exports = { configure };
