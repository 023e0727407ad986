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

// Written as one object of plain names: that is how Node finds them for `import { login } from 'libatmn'`.
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
