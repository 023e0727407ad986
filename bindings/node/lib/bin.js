#!/usr/bin/env node
'use strict';

// `npx libatmn`: the `atmn` command, which runs on this thread. Standard input, output and error are its own: this file
// must not touch those of `process`.

const native = require('./native.js');

// Node has its own handlers for these signals, and ignores SIGXFSZ. Listening to a signal and ceasing to do so leaves what a
// new process has, which the command expects.
for (const signal of process.platform === 'win32' ? [] : ['SIGINT', 'SIGTERM', 'SIGXFSZ']) {
  const listener = () => {};
  process.on(signal, listener);
  process.off(signal, listener);
}

process.exitCode = native.runCommand(process.argv.slice(2));
