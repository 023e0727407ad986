// A program that only wants its key loads this file, with what it needs of key, native, place and resolve packed into
// it, and the addon. The rest comes when it is first asked for. These are modules so that the packer can put their code
// side by side: as functions, each would be read twice before it runs.

import { ApiKey } from './key.mjs';
import { native } from './native.mjs';
import { resolveKey } from './resolve.mjs';

module.exports = { ApiKey, resolveKey, version: native.version() };

const names = [
  'ApiError',
  'AtmnError',
  'AuthenticationError',
  'Client',
  'LoginAttempt',
  'authenticate',
  'beginLogin',
  'classifyKey',
  'completeLogin',
  'explainKey',
  'login',
  'logout',
  'saveKeys',
  'startLogin',
  'terminalListener',
  'whoami',
];

// Once asked for, they are like the others; before, too, they can be replaced, as tests do.
for (const name of names) {
  const settle = (value) => {
    Object.defineProperty(module.exports, name, { value, writable: true, enumerable: true, configurable: true });
    return value;
  };
  const get = () => settle(require('./later.js')[name]);
  Object.defineProperty(module.exports, name, { get, set: settle, enumerable: true, configurable: true });
}
