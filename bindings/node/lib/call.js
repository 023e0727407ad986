'use strict';

const { AsyncResource } = require('node:async_hooks');
const { unwrap } = require('./errors.js');
const { event } = require('./results.js');

/**
 * Runs a call that waits. `begin` starts it in the addon with the function that takes its messages, events first and
 * its end last, and answers with what can cancel it.
 */
async function call(begin, { onEvent, signal } = {}) {
  if (signal?.aborted) throw signal.reason;
  let running;
  let thrown;
  const abort = () => running.cancel();
  const hear = (told) => {
    if (thrown || !onEvent) return;
    try {
      onEvent(event(told));
    } catch (error) {
      thrown = { error };
      running.cancel();
    }
  };
  const { message, body } = await new Promise((resolve) => {
    // Bound, so that a listener finds the AsyncLocalStorage of whoever called.
    const deliver = AsyncResource.bind((message, body) => {
      if (message.event) hear(message.event);
      else resolve({ message, body });
    });
    running = begin(deliver);
    signal?.addEventListener('abort', abort, { once: true });
  });
  signal?.removeEventListener('abort', abort);
  if (thrown) throw thrown.error;
  if (signal?.aborted && isPlainCancel(message.failure)) throw signal.reason;
  return { value: unwrap(message), body };
}

/** Cancelled before the server may have made keys: nothing is left behind that somebody has to know of. */
function isPlainCancel(failure) {
  return failure?.code === 'cancelled' && !('keys_may_exist' in failure.context);
}

module.exports = { call };
