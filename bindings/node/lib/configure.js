'use strict';

const { readOptions } = require('./arguments.js');
const { wrongValue } = require('./errors.js');
const native = require('./native.js');
const options = require('./options.js');

function configure(given) {
  const { loginCommand } = readOptions(options.configure, given);
  if (loginCommand?.trim() === '') throw wrongValue('loginCommand', 'The option `loginCommand` must not be empty.');
  native.setLoginCommand(loginCommand);
}

module.exports = { configure };
