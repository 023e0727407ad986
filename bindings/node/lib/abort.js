'use strict';

/** The functions that wait for each signal. */
const waiting = new WeakMap();

/**
 * Calls the function when the signal is aborted, and returns a function that undoes this. Any number of calls share one
 * listener on the signal, so that Node prints no MaxListenersExceededWarning, and the last one to end removes it.
 */
function onAbort(signal, cancel) {
  if (!signal) return () => {};
  const entry = waiting.get(signal) ?? listen(signal);
  // A new function each time, since the same one may be given twice.
  const member = () => cancel();
  entry.functions.add(member);
  return () => {
    entry.functions.delete(member);
    if (entry.functions.size > 0 || waiting.get(signal) !== entry) return;
    waiting.delete(signal);
    signal.removeEventListener('abort', entry.listener);
  };
}

function listen(signal) {
  const functions = new Set();
  const listener = () => {
    waiting.delete(signal);
    for (const cancel of functions) cancel();
  };
  const entry = { functions, listener };
  waiting.set(signal, entry);
  signal.addEventListener('abort', listener, { once: true });
  return entry;
}

module.exports = { onAbort };
