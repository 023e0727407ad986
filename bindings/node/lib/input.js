'use strict';

// Reads the lines that the user pastes while a login waits.

const { StringDecoder } = require('node:string_decoder');
const native = require('./native.js');

/** How often the echo of a terminal is turned off again, which a shell may have turned on after Ctrl-Z. */
const HIDE_INTERVAL_MS = 500;

/**
 * Passes each line of a stream to `submit` until that returns `true`, and hides them if it is a terminal. Returns a function
 * that ends this and leaves the stream as it was: with what follows the last line, and flowing only if it was.
 */
function readLines(input, submit) {
  const flowing = input.readableFlowing;
  const show = hideInput(input);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let done = false;
  const onData = (chunk) => {
    rest += typeof chunk === 'string' ? chunk : decoder.write(chunk);
    while (!done) {
      const line = /^([^\r\n]*)(\r\n|[\r\n])/.exec(rest);
      if (!line) return;
      rest = rest.slice(line[0].length);
      done = submit(line[1]);
    }
    // The rest is the program's.
    if (flowing) input.off('data', onData);
    else input.pause();
  };
  const onEnd = () => {
    if (!done) submit(rest + decoder.end());
    rest = '';
  };
  // Without a listener, an error of the stream would end the program. The login can do without the stream.
  const listeners = { data: onData, end: onEnd, error: () => {} };
  for (const [name, listener] of Object.entries(listeners)) input.on(name, listener);
  if (flowing === false) input.resume();
  return () => {
    for (const [name, listener] of Object.entries(listeners)) input.off(name, listener);
    show();
    // Another listener has the data, too.
    if (flowing) return;
    input.pause();
    giveBack(input, rest + decoder.end());
    // Otherwise `pause` would keep a later listener for data from starting the stream.
    if (flowing === null) input.readableFlowing = null;
  };
}

function giveBack(input, text) {
  if (text === '' || input.readableEnded || input.destroyed) return;
  input.unshift(input.readableEncoding === null ? Buffer.from(text) : text);
}

function hideInput({ isTTY, fd }) {
  if (!isTTY || typeof fd !== 'number') return () => {};
  const hidden = native.hiddenInput(fd);
  hidden.hide();
  const timer = setInterval(() => hidden.hide(), HIDE_INTERVAL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    hidden.restore();
  };
}

module.exports = { readLines };
