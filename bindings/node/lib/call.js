'use strict';

const { AsyncResource } = require('node:async_hooks');
const { onAbort } = require('./abort.js');
const { unwrap } = require('./errors.js');
const { event } = require('./results.js');

/**
 * Runs a call that waits. `begin(hasListener, callback)` starts it in the addon and returns the object that cancels it.
 * The addon passes messages to the callback: events, and the result last.
 */
async function call(begin, { onEvent, signal }) {
  if (signal?.aborted) throw signal.reason;
  let running;
  const listener = new Listener(onEvent, () => running.cancel());
  let stopListening;
  const { message, body } = await new Promise((resolve) => {
    // Bound, so that the listener has the caller's AsyncLocalStorage context.
    const callback = AsyncResource.bind((envelope, body) => {
      const message = JSON.parse(envelope);
      if (message.type === 'event') listener.deliver(event(message.content));
      else resolve({ message, body });
    });
    running = begin(onEvent !== undefined, callback);
    stopListening = onAbort(signal, () => running.cancel());
  });
  stopListening();
  if (!signal?.aborted) await listener.pending;
  if (listener.failure) throw listener.failure.error;
  if (signal?.aborted && isCancelledWithoutKeys(message)) throw signal.reason;
  return { value: unwrap(message, body), body };
}

/** Runs a call that waits without events, such as for a lock or for git. */
async function callWithoutEvents(begin, signal) {
  const { value } = await call((_, callback) => begin(callback), { onEvent: undefined, signal });
  return value;
}

/** The caller's listener. Events arrive one after the other: if it returns a promise, the next one waits for it. */
class Listener {
  /** What the listener threw, or its promise rejected with. */
  failure;
  /** The promise of the last event; none if all events have been handled synchronously. */
  pending;
  #onEvent;
  #cancel;

  constructor(onEvent, cancel) {
    this.#onEvent = onEvent;
    this.#cancel = cancel;
  }

  deliver(event) {
    if (this.pending) this.pending = this.pending.then(() => this.#handle(event));
    else this.pending = this.#handle(event);
  }

  /** A promise that never rejects, or nothing if the listener is done. */
  #handle(event) {
    if (this.failure) return undefined;
    try {
      const handled = this.#onEvent(event);
      if (typeof handled?.then !== 'function') return undefined;
      return Promise.resolve(handled).then(undefined, (error) => this.#fail(error));
    } catch (error) {
      return this.#fail(error);
    }
  }

  #fail(error) {
    this.failure = { error };
    this.#cancel();
  }
}

/** If the server may have created keys, the caller must see that error and not the signal's reason. */
function isCancelledWithoutKeys({ type, content }) {
  return type === 'failure' && content.code === 'cancelled' && !Object.hasOwn(content.context, 'keys_may_exist');
}

module.exports = { call, callWithoutEvents };
