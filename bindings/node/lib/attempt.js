'use strict';

const { inspect } = require('node:util');
const { onAbort } = require('./abort.js');
const { argument, readOptions, text, withoutPrototype } = require('./arguments.js');
const { call } = require('./call.js');
const { unwrap } = require('./errors.js');
const { withHost, withReadingHost } = require('./host.js');
const { readLines } = require('./input.js');
const { refuseOwnCall } = require('./listener.js');
const native = require('./native.js');
const options = require('./options.js');
const { loginResult } = require('./results.js');

async function startLogin(given) {
  const { onEvent, signal, ...rest } = readOptions(options.startLogin, given);
  const { attempt, details } = await start(withHost(withoutPrototype(rest)), signal);
  return new LoginAttempt(internal, attempt, details, { onEvent, signal, loginTimeoutMs: rest.loginTimeoutMs });
}

/** A login that submits the lines of a stream while it waits. The options have been read. */
async function loginWithInput(rest, input, { onEvent, signal }) {
  const { attempt, details } = await start(withReadingHost(withoutPrototype(rest)), signal);
  const { loginTimeoutMs } = rest;
  const login = new LoginAttempt(internal, attempt, details, { onEvent, signal, loginTimeoutMs });
  const stopReading = readLines(input, (line) => attempt.submitLine(line));
  try {
    return await login.wait();
  } finally {
    stopReading();
  }
}

async function start(read, signal) {
  let attempt;
  const begin = (_, callback) => {
    attempt = native.startLogin(read, callback);
    return attempt;
  };
  const { value } = await call(begin, { onEvent: undefined, signal });
  // Aborted after the addon had answered, while this thread was busy.
  if (signal?.aborted) {
    attempt.cancel();
    throw signal.reason;
  }
  return { attempt, details: value };
}

/** Only `startLogin` has this symbol, so only it creates attempts. */
const internal = Symbol('startLogin');

/** Removes the listener of an attempt that was collected. */
const collected = new FinalizationRegistry((stopListening) => stopListening());

class LoginAttempt {
  #native;
  #details;
  #options;
  #stopListening;
  /** Ends the wait for the listener. */
  #ending = new AbortController();
  #result;

  constructor(token, attempt, details, { onEvent, signal, loginTimeoutMs }) {
    if (token !== internal) throw new TypeError('Use startLogin() to create a LoginAttempt.');
    this.#native = attempt;
    this.#details = details;
    this.#options = { onEvent, signal, loginTimeoutMs, ending: this.#ending.signal };
    // Weak, so that a signal that lives long does not keep the port of an attempt that has been dropped.
    const weak = new WeakRef(attempt);
    this.#stopListening = onAbort(signal, () => weak.deref()?.cancel());
    collected.register(this, this.#stopListening, this);
  }

  get url() {
    return this.#details.url;
  }

  get port() {
    return this.#details.port;
  }

  get hint() {
    return this.#details.hint;
  }

  get deadline() {
    return new Date(this.#details.deadline);
  }

  submit(pasted) {
    unwrap(this.#native.submit(argument('text', text, pasted)));
  }

  cancel() {
    this.#stopListening();
    this.#native.cancel();
    this.#ending.abort();
  }

  wait() {
    try {
      refuseOwnCall(this);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#result ??= this.#wait();
    return this.#result;
  }

  async #wait() {
    // The call listens to the signal itself.
    this.#stopListening();
    const begin = (hasListener, callback) => this.#native.wait(hasListener, callback);
    const { value } = await call(begin, { ...this.#options, owner: this });
    return loginResult(value);
  }

  // Without the URL, which is only for the user who logs in.
  [inspect.custom]() {
    return `LoginAttempt { port: ${this.port} }`;
  }
}

module.exports = { LoginAttempt, loginWithInput, startLogin };
