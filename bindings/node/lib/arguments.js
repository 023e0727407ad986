'use strict';

// Whether arguments have their types. What their values mean is decided in the core.

const { invalid } = require('./errors.js');

// By what they can do and not by their class, which is another one in Jest's realms and in bundles.
const text = ['a well-formed string', (value) => typeof value === 'string' && value.isWellFormed()];
const flag = ['true or false', (value) => typeof value === 'boolean'];
const number = ['a number', (value) => typeof value === 'number'];
const listener = ['a function', (value) => typeof value === 'function'];
const signal = [
  'an AbortSignal',
  (value) => typeof value?.aborted === 'boolean' && typeof value.addEventListener === 'function',
];
const key = ['an ApiKey or a string', (value) => typeof value?.reveal === 'function' || text[1](value)];

const bytes = ['a string or a Uint8Array', (value) => text[1](value) || require('node:util/types').isUint8Array(value)];
const pairs = ['an object or a list of pairs', (value) => typeof value === 'object' && value !== null];
const anything = ['anything', () => true];

const resolve = { key, environment: text, directory: text, boundary: text };
const save = { directory: text, allowTracked: flag, gitignore: text };
const begin = { ...save, server: text, sandboxOnly: flag, organization: text };
const heard = { onEvent: listener, signal };
const start = { ...begin, ...heard, loginTimeoutMs: number, openBrowser: flag };

/** The options of each operation, and the type of each. */
const shapes = {
  resolve,
  save,
  logout: { server: text, directory: text },
  begin,
  start,
  login: start,
  complete: { ...heard, loginTimeoutMs: number },
  whoami: { ...resolve, server: text, timeoutMs: number, signal },
  client: {
    ...resolve,
    server: text,
    timeoutMs: number,
    responseLimit: number,
    reauth: text,
    organization: text,
    loginTimeoutMs: number,
    openBrowser: flag,
    onEvent: listener,
  },
  request: {
    query: pairs,
    headers: pairs,
    json: anything,
    body: bytes,
    contentType: text,
    idempotencyKey: text,
    signal,
  },
  reauthenticate: { signal },
  authenticate: { accepts: text, onEvent: listener },
};

/** The argument, if it has its type. */
function checked(name, [description, fits], value) {
  if (!fits(value)) throw invalid(name, `The argument "${name}" must be ${description}.`);
  return value;
}

/** A copy of the options that are set; keys as their text. A name that nobody knows is as wrong as a wrong type. */
function options(shape, given = {}) {
  if (given === null || typeof given !== 'object' || Array.isArray(given))
    throw invalid('options', 'The options must be an object.');
  const copy = {};
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(shape, name)) throw invalid(name, unknown(name, shape));
    if (value === undefined) continue;
    const [description, fits] = shape[name];
    if (!fits(value)) throw invalid(name, `The option "${name}" must be ${description}.`);
    copy[name] = shape[name] === key ? revealed(name, value) : value;
  }
  return copy;
}

function unknown(name, shape) {
  return `There is no option "${name}" here; there are ${Object.keys(shape).join(', ')}.`;
}

/** The text of a key; `reveal` may be anybody's. */
function revealed(name, value) {
  return checked(name, text, typeof value === 'string' ? value : value.reveal());
}

module.exports = { checked, key, listener, options, revealed, shapes, text };
