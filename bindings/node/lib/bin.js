#!/usr/bin/env node
'use strict';

// `npx libatmn`: the `atmn` command, which runs on this thread. Standard input, output and error are its own: this file
// must not touch those of `process`.

const { writeSync } = require('node:fs');

function main() {
  const native = load();
  if (!native) return 1;
  // Node has its own handlers for these signals, and ignores SIGXFSZ. Listening to a signal and ceasing to do so leaves what
  // a new process has, which the command expects.
  for (const signal of process.platform === 'win32' ? [] : ['SIGINT', 'SIGTERM', 'SIGXFSZ']) {
    const listener = () => {};
    process.on(signal, listener);
    process.off(signal, listener);
  }
  return native.runCommand(process.argv.slice(2));
}

/** The addon. If it cannot be loaded, its message says what to do, and a stack would hide it. */
function load() {
  try {
    return require('./native.js');
  } catch (error) {
    if (!error.code?.startsWith('ERR_LIBATMN_')) throw error;
    writeSync(2, `${error.message}\n`);
    return undefined;
  }
}

process.exitCode = main();
