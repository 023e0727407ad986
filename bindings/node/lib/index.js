'use strict';

const { version } = require('../package.json');
const { authenticate } = require('./access.js');
const { Client } = require('./client.js');
const { ApiError, AtmnError, AuthenticationError } = require('./errors.js');
const { ApiKey } = require('./key.js');
const { classifyKey, explainKey, logout, resolveKey, saveKeys } = require('./keys.js');
const { LoginAttempt, beginLogin, completeLogin, login, startLogin } = require('./login.js');
const { terminalListener } = require('./terminal.js');
const { whoami } = require('./whoami.js');

// One object of plain names: that is how Node, and the script that packs, find them for `import { login }`.
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
  explainKey,
  login,
  logout,
  resolveKey,
  saveKeys,
  startLogin,
  terminalListener,
  version,
  whoami,
};
