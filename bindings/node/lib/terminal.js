'use strict';

const { checked, listener } = require('./arguments.js');

function terminalListener(stream = process.stderr) {
  checked('stream.write', listener, stream?.write);
  return ({ message }) => {
    // Nobody sees the address then, so nobody could log in.
    if (stream.destroyed) throw new Error('The stream for events is closed.');
    stream.write(`${message}\n`);
  };
}

module.exports = { terminalListener };
