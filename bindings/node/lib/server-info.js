'use strict';

const { readOptions } = require('./arguments.js');
const { unwrap } = require('./errors.js');
const { withHost } = require('./host.js');
const native = require('./native.js');
const options = require('./options.js');

function serverInfo(given) {
  return unwrap(native.serverInfo(withHost(readOptions(options.serverInfo, given))));
}

module.exports = { serverInfo };
