'use strict';

// Everything but finding a key: packed as a file of its own, which is loaded when something of it is first asked for.

const { authenticate } = require('./authenticate.js');
const { checked, options, shapes, text } = require('./arguments.js');
const { Client } = require('./client.js');
const { ApiError, AtmnError, AuthenticationError, unwrap } = require('./errors.js');
const { classifyKey, explainKey, logout, saveKeys } = require('./keys.js');
const { LoginAttempt, beginLogin, completeLogin, login, startLogin } = require('./login.js');
const { terminalListener } = require('./terminal.js');
const { whoami } = require('./whoami.js');

module.exports = {
  ApiError,
  AtmnError,
  AuthenticationError,
  Client,
  LoginAttempt,
  authenticate,
  beginLogin,
  checked,
  classifyKey,
  completeLogin,
  explainKey,
  login,
  logout,
  options,
  saveKeys,
  shapes,
  startLogin,
  terminalListener,
  text,
  unwrap,
  whoami,
};
