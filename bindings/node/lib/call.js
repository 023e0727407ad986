'use strict';

const { AsyncResource } = require('node:async_hooks');
const { onAbort } = require('./abort.js');
const { unwrap } = require('./errors.js');
const { Listener, refuseOwnCall } = require('./listener.js');
const { event } = require('./results.js');

/**
 * Runs a call that waits. `begin(hasListener, callback)` starts it in the addon and returns the object that cancels it.
 * The addon passes messages to the callback: events, and the result last. `owner` is the client or the attempt to which
 * the listener belongs, and `ending` a signal that the owner aborts.
 */
async function call(begin, { onEvent, signal, ending, owner, loginTimeoutMs }) {
  if (owner) refuseOwnCall(owner);
  if (signal?.aborted) throw signal.reason;
  let running;
  const listener = new Listener(onEvent, () => running.cancel(), owner);
  let stopListening;
  const { message, body } = await new Promise((resolve) => {
    // Bound, so that the listener has the caller's AsyncLocalStorage context.
    const callback = AsyncResource.bind((envelope, body) => {
      const message = JSON.parse(envelope);
      if (message.type !== 'event') return resolve({ message, body });
      // Before the server creates keys, the addon waits until the event has been handled, so a refusal is in time.
      const { holds } = message.content;
      listener.deliver(event(message.content), holds ? () => running.handled() : undefined);
    });
    running = begin(onEvent !== undefined, callback);
    stopListening = onAbort(signal, () => running.cancel());
  });
  stopListening();
  await listener.close(isOver(message) ? 0 : loginTimeoutMs, [signal, ending]);
  if (listener.failure) throw listener.failure.error;
  if (signal?.aborted && isCancelledWithoutKeys(message)) throw signal.reason;
  return { value: unwrap(message, body), body };
}

/** Runs a call that waits without events, such as for a lock or for git. */
async function callWithoutEvents(begin, signal) {
  const { value } = await call((_, callback) => begin(callback), { onEvent: undefined, signal });
  return value;
}

/** Whether the call was cancelled or its time is up: then it does not wait for its listener, either. */
function isOver({ type, content }) {
  return type === 'failure' && (content.code === 'cancelled' || content.code === 'timed_out');
}

/** If the server may have created keys, the caller must see that error and not the signal's reason. */
function isCancelledWithoutKeys({ type, content }) {
  return type === 'failure' && content.code === 'cancelled' && !Object.hasOwn(content.context, 'keys_may_exist');
}

module.exports = { call, callWithoutEvents };
