'use strict';

const { argument, readOptions, text, withoutPrototype } = require('./arguments.js');
const { loginWithInput } = require('./attempt.js');
const { call, callWithoutEvents } = require('./call.js');
const { host, withHost } = require('./host.js');
const native = require('./native.js');
const options = require('./options.js');
const { beginLoginResult, loginResult } = require('./results.js');

async function login(given) {
  const { onEvent, signal, input, ...rest } = readOptions(options.login, given);
  // Without a listener, the user sees no URL and pastes nothing: that is the error of `native.login`.
  if (input && onEvent) return loginWithInput(rest, input, { onEvent, signal });
  const read = withHost(withoutPrototype(rest));
  const begin = (hasListener, callback) => native.login(read, hasListener, callback);
  const { value } = await call(begin, { onEvent, signal, loginTimeoutMs: rest.loginTimeoutMs });
  return loginResult(value);
}

async function beginLogin(given) {
  const { signal, ...rest } = readOptions(options.beginLogin, given);
  const read = withHost(withoutPrototype(rest));
  return beginLoginResult(await callWithoutEvents((callback) => native.beginLogin(read, callback), signal));
}

async function completeLogin(pasted, given) {
  argument('text', text, pasted);
  const { loginTimeoutMs, onEvent, signal } = readOptions(options.completeLogin, given);
  const seen = host();
  const begin = (hasListener, callback) => native.completeLogin(pasted, loginTimeoutMs, seen, hasListener, callback);
  const { value } = await call(begin, { onEvent, signal, loginTimeoutMs });
  return loginResult(value);
}

module.exports = { beginLogin, completeLogin, login };
