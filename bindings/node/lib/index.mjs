// The same interface for `import`, with static exports, so that Node need not search CommonJS for names.

import libatmn from './index.js';

export default libatmn;
export const {
  ApiError,
  ApiKey,
  AtmnError,
  AuthenticationError,
  Client,
  LoginAttempt,
  authenticate,
  beginLogin,
  beginLoginAsync,
  classifyKey,
  completeLogin,
  configure,
  explainKey,
  login,
  logout,
  logoutAsync,
  resolveKey,
  saveKeys,
  saveKeysAsync,
  startLogin,
  terminalListener,
  version,
  whoami,
} = libatmn;
