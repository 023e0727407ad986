'use strict';

// The options of each operation and their types.

const { boolean, bytes, input, json, key, listener, number, pairs, signal, text, texts } = require('./arguments.js');

const resolve = { key, environment: text, directory: text, boundary: text };
const findKeyAsync = { ...resolve, signal };
const save = { directory: text, file: text, allowTracked: boolean, gitignore: text };
const saveAsync = { ...save, signal };
const logout = { directory: text, file: text, environment: text, server: text };
const logoutAsync = { ...logout, signal };
const call = { onEvent: listener, signal };
const beginLogin = {
  ...save,
  server: text,
  sandboxOnly: boolean,
  organization: text,
  scopes: texts,
  force: boolean,
  signal,
};
const startLogin = { ...beginLogin, ...call, loginTimeoutMs: number, openBrowser: boolean };
const login = { ...startLogin, input };
const completeLogin = { ...call, loginTimeoutMs: number };
const whoami = { ...resolve, server: text, timeoutMs: number, signal };
const client = {
  ...resolve,
  server: text,
  timeoutMs: number,
  retries: number,
  responseLimit: number,
  reauth: text,
  organization: text,
  loginTimeoutMs: number,
  openBrowser: boolean,
  onEvent: listener,
};
const diagnose = { directory: text, server: text, offline: boolean, timeoutMs: number, signal };
const serverInfo = { server: text };
const request = {
  query: pairs,
  headers: pairs,
  json,
  body: bytes,
  contentType: text,
  idempotencyKey: text,
  timeoutMs: number,
  retries: number,
  throw: boolean,
  signal,
};
const reauthenticate = { signal };
const authenticate = { accepts: text, onEvent: listener };
const configure = { loginCommand: text };

module.exports = {
  authenticate,
  beginLogin,
  client,
  completeLogin,
  configure,
  diagnose,
  findKeyAsync,
  login,
  logout,
  logoutAsync,
  reauthenticate,
  request,
  resolve,
  save,
  saveAsync,
  serverInfo,
  startLogin,
  whoami,
};
