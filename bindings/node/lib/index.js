'use strict';

// The public interface. `index.mjs` exports the same names; `index.d.ts` declares and documents them.

const { LoginAttempt, startLogin } = require('./attempt.js');
const { authenticate } = require('./authenticate.js');
const { Client } = require('./client.js');
const { configure } = require('./configure.js');
const { diagnose } = require('./diagnose.js');
const { ApiError, AtmnError, AuthenticationError } = require('./errors.js');
const { ApiKey } = require('./key.js');
const {
  classifyKey,
  explainKey,
  findKey,
  findKeyAsync,
  logout,
  logoutAsync,
  resolveKey,
  saveKeys,
  saveKeysAsync,
  secretKey,
} = require('./keys.js');
const { consoleListener, pinoListener } = require('./loggers.js');
const { beginLogin, completeLogin, login } = require('./login.js');
const { serverInfo } = require('./server-info.js');
const { terminalListener } = require('./terminal.js');
const version = require('./version.js');
const { whoami } = require('./whoami.js');

module.exports = {
  ApiError,
  ApiKey,
  AtmnError,
  AuthenticationError,
  Client,
  LoginAttempt,
  authenticate,
  beginLogin,
  classifyKey,
  completeLogin,
  configure,
  consoleListener,
  diagnose,
  explainKey,
  findKey,
  findKeyAsync,
  login,
  logout,
  logoutAsync,
  pinoListener,
  resolveKey,
  saveKeys,
  saveKeysAsync,
  secretKey,
  serverInfo,
  startLogin,
  terminalListener,
  version,
  whoami,
};
