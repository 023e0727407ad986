'use strict';

const { argument, listener } = require('./arguments.js');

function terminalListener(stream = process.stderr) {
  argument('stream.write', listener, stream?.write);
  let failure;
  // A stream without a listener for errors ends the program.
  const ignore = () => {};
  const written = (error) => {
    if (!error) return;
    failure = error;
    if (stream.listenerCount?.('error') === 0) stream.once('error', ignore);
  };
  return ({ message }) => {
    // Without the login URL, the user cannot log in.
    if (failure || stream.destroyed) throw new Error('The stream for events is closed.', { cause: failure });
    stream.write(`${message}\n`, written);
  };
}

module.exports = { terminalListener };
