'use strict';

const { inspect } = require('node:util');
const { checked, options, shapes, text } = require('./arguments.js');
const { call } = require('./call.js');
const { unwrap } = require('./errors.js');
const { native } = require('./native.mjs');
const results = require('./results.js');

async function login(given) {
  const { onEvent, signal, ...rest } = options(shapes.login, given);
  const begin = (deliver) => native.login(rest, onEvent !== undefined, deliver);
  const { value } = await call(begin, { onEvent, signal });
  return results.loginResult(value);
}

function beginLogin(given) {
  return results.pendingLogin(unwrap(native.beginLogin(options(shapes.begin, given))));
}

async function completeLogin(pasted, given) {
  checked('text', text, pasted);
  const { loginTimeoutMs, ...heard } = options(shapes.complete, given);
  const { value } = await call((deliver) => native.completeLogin(pasted, loginTimeoutMs, deliver), heard);
  return results.loginResult(value);
}

function startLogin(given) {
  const { onEvent, signal, ...rest } = options(shapes.start, given);
  if (signal?.aborted) throw signal.reason;
  const attempt = native.startLogin(rest);
  if (attempt.failure) unwrap(attempt);
  return new LoginAttempt(ours, attempt, { onEvent, signal });
}

/** Only `startLogin` makes attempts. */
const ours = Symbol('startLogin');

class LoginAttempt {
  #native;
  #about;
  #heard;
  #abort;
  #result;

  constructor(token, attempt, heard) {
    if (token !== ours) throw new TypeError('Use startLogin() to make a LoginAttempt.');
    this.#native = attempt;
    this.#about = unwrap(attempt.about());
    this.#heard = heard;
    // Weak: a signal that lives long must not keep the port of an attempt that nobody has any more.
    const weak = new WeakRef(attempt);
    this.#abort = () => weak.deref()?.cancel();
    heard.signal?.addEventListener('abort', this.#abort, { once: true });
  }

  get url() {
    return this.#about.url;
  }

  get port() {
    return this.#about.port;
  }

  get hint() {
    return this.#about.hint;
  }

  get deadline() {
    return new Date(this.#about.deadline);
  }

  submit(pasted) {
    unwrap(this.#native.submit(checked('text', text, pasted)));
  }

  cancel() {
    this.#native.cancel();
  }

  wait() {
    this.#result ??= this.#wait();
    return this.#result;
  }

  async #wait() {
    // From here on, the call listens itself.
    this.#heard.signal?.removeEventListener('abort', this.#abort);
    const begin = (deliver) => {
      this.#native.wait(deliver);
      return this.#native;
    };
    const { value } = await call(begin, this.#heard);
    return results.loginResult(value);
  }

  // The address is for the person alone, so it is not printed with the rest.
  [inspect.custom]() {
    return `LoginAttempt { port: ${this.port} }`;
  }
}

module.exports = { LoginAttempt, beginLogin, completeLogin, login, startLogin };
