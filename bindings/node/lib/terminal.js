'use strict';

const { argument, listener } = require('./arguments.js');

function terminalListener(stream = process.stderr) {
  argument('stream.write', listener, stream?.write);
  return ({ message }) => {
    // Without the login URL, the user cannot log in.
    if (stream.destroyed) throw new Error('The stream for events is closed.');
    stream.write(`${message}\n`);
  };
}

module.exports = { terminalListener };
