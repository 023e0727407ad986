'use strict';

// The listener of a call: its events one after the other, and how long the call waits for it.

const { AsyncLocalStorage } = require('node:async_hooks');
const { onAbort } = require('./abort.js');
const { AtmnError } = require('./errors.js');
const native = require('./native.js');

/** The longest time that a timer of JavaScript can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The event that is being handled, for code that the listener runs. */
const handling = new AsyncLocalStorage();

/** The caller's listener. Events arrive one after the other: if it returns a promise, the next one waits for it. */
class Listener {
  /** What the listener threw, or its promise rejected with. */
  failure;
  #onEvent;
  #cancel;
  #owner;
  /** The promise of the last event; none if all events have been handled. */
  #pending;
  #isClosed = false;

  /** `owner` is the client or the attempt whose calls wait for this listener. */
  constructor(onEvent, cancel, owner) {
    this.#onEvent = onEvent;
    this.#cancel = cancel;
    this.#owner = owner;
  }

  /**
   * `handled` is called once the event has been handled, or at once if an earlier one has not: its promise may settle only
   * after the call, as that of a window for the login URL does.
   */
  deliver(event, handled = () => {}) {
    const earlier = this.#pending;
    const promise = earlier ? earlier.then(() => this.#handle(event)) : this.#handle(event);
    if (earlier || !promise) handled();
    if (!promise) return;
    const pending = promise.then(() => {
      if (this.#pending === pending) this.#pending = undefined;
      if (!earlier) handled();
    });
    this.#pending = pending;
  }

  /**
   * Waits until the events that were delivered have been handled, at most for the time of a login, or until one of the
   * signals is aborted. Later the listener receives no more events.
   */
  async close(limitMs = native.loginTimeoutMs(), signals = []) {
    if (this.#pending) await waitAtMost(this.#pending, Math.min(limitMs, LONGEST_TIMER_MS), signals);
    this.#isClosed = true;
  }

  /** A promise that never rejects, or nothing if the listener is done. */
  #handle(event) {
    if (this.failure || this.#isClosed) return undefined;
    const current = { owner: this.#owner, isRunning: true, outer: handling.getStore() };
    const end = () => {
      current.isRunning = false;
    };
    const fail = (error) => {
      end();
      this.failure = { error };
      this.#cancel();
    };
    try {
      const handled = handling.run(current, this.#onEvent, event);
      if (typeof handled?.then === 'function') return Promise.resolve(handled).then(end, fail);
      return end();
    } catch (error) {
      return fail(error);
    }
  }
}

/** Passes one event to a listener and waits for it as `Listener.close` does; throws what the listener throws. */
async function notify({ onEvent, owner, loginTimeoutMs }, event, signals) {
  if (!onEvent) return;
  const listener = new Listener(onEvent, () => {}, owner);
  listener.deliver(event);
  await listener.close(loginTimeoutMs, signals);
  if (listener.failure) throw listener.failure.error;
}

/** The timer keeps the process alive, so that the caller's promise settles. */
function waitAtMost(promise, limitMs, signals) {
  return new Promise((resolve) => {
    const stops = [];
    const done = () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
      resolve();
    };
    const timer = setTimeout(done, limitMs);
    promise.then(done);
    for (const signal of signals) stops.push(onAbort(signal, done));
    if (signals.some((signal) => signal?.aborted)) done();
  });
}

/** Refuses a call that the listener of its owner makes: it would wait for the listener, which waits for the call. */
function refuseOwnCall(owner) {
  for (let event = handling.getStore(); event; event = event.outer) {
    if (event.owner !== owner || !event.isRunning) continue;
    throw new AtmnError({
      code: 'invalid_argument',
      message: 'A listener must not wait for the call that it belongs to.',
      hint: 'Make the call after the listener has returned, or with another client.',
      context: { option: 'onEvent' },
    });
  }
}

module.exports = { Listener, notify, refuseOwnCall };
