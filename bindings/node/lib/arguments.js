'use strict';

// Checks the types of arguments and reads options. The core decides which values are valid.

const { wrongType, wrongValue } = require('./errors.js');
const native = require('./native.js');
const { isPlain, isReadable } = require('./properties.js');

// Types are recognized by what the values can do and not by `instanceof`, since classes differ between Jest's realms.
const text = { name: 'a string', accepts: (value) => typeof value === 'string' };
const boolean = { name: 'a boolean', accepts: (value) => typeof value === 'boolean' };
const number = { name: 'a number', accepts: (value) => typeof value === 'number' };
const listener = { name: 'a function', accepts: (value) => typeof value === 'function' };
const signal = {
  name: 'an AbortSignal',
  accepts: (value) =>
    typeof value?.aborted === 'boolean' &&
    typeof value.addEventListener === 'function' &&
    typeof value.removeEventListener === 'function',
};
const input = {
  name: 'a readable stream, such as process.stdin',
  accepts: (value) => typeof value?.on === 'function' && typeof value.pause === 'function',
};
const key = {
  name: 'an ApiKey or a string',
  accepts: (value) => typeof value === 'string' || typeof value?.reveal === 'function',
};
/** A body. It can be sent again after a failure or a login, so it must be in memory. */
const bytes = {
  name: 'a string, bytes (an ArrayBuffer, a Uint8Array or another view) or URLSearchParams',
  accepts: (value) =>
    typeof value === 'string' ||
    ArrayBuffer.isView(value) ||
    require('node:util/types').isAnyArrayBuffer(value) ||
    isForm(value),
  refusal: (value) => {
    if (typeof value?.arrayBuffer === 'function') return 'Pass `await body.arrayBuffer()` of a Blob or a Response.';
    const isStream = typeof value?.pipe === 'function' || typeof value?.[Symbol.asyncIterator] === 'function';
    if (isStream || typeof value?.getReader === 'function') {
      return 'A stream can be sent only once, and a request may be repeated: read the stream into memory first.';
    }
    return Object.prototype.toString.call(value) === '[object FormData]'
      ? 'Of FormData, pass the bytes and the media type: `new Response(form)` has both.'
      : undefined;
  },
};

const isForm = (value) => Object.prototype.toString.call(value) === '[object URLSearchParams]';
const pairs = {
  name: 'an object or an iterable of pairs',
  accepts: (value) => typeof value === 'object' && value !== null,
};
const texts = {
  name: 'an array of strings',
  accepts: (value) => Array.isArray(value) && Array.from(value).every((one) => typeof one === 'string'),
};
const json = {
  name: 'a JSON value',
  accepts: (value) => typeof value !== 'function' && typeof value !== 'symbol',
};

/** The argument, if it has the type; a key as its text. */
function argument(name, type, value) {
  return read('argument', name, type, value);
}

function read(role, name, type, value) {
  if (!isReadable(value) || !type.accepts(value)) {
    const more = isReadable(value) ? type.refusal?.(value) : undefined;
    throw wrongType(name, `The ${role} \`${name}\` must be ${type.name}.${more ? ` ${more}` : ''}`);
  }
  const plain = type === key && typeof value !== 'string' ? argument(name, text, value.reveal()) : value;
  // Rust's strings cannot hold half of a surrogate pair.
  const strings = type === texts ? plain : [plain];
  if (strings.some((one) => typeof one === 'string' && !one.isWellFormed())) {
    throw wrongValue(name, `The ${role} \`${name}\` must be a well-formed string.`);
  }
  return plain;
}

/**
 * A copy of the options that are set, without a prototype. Each is read once, and keys become their text. An object with
 * options that are not its own, such as getters of a class, is refused: without them the call would use another key.
 */
function readOptions(types, given = {}) {
  if (given === null || typeof given !== 'object' || !isReadable(given) || Array.isArray(given)) {
    throw wrongType('options', `The options must be an object; there are ${Object.keys(types).join(', ')}.`);
  }
  if (!isPlain(given)) throw wrongType('options', 'The options must be a plain object, such as { ...options }.');
  const options = Object.create(null);
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(types, name)) throw unknownOption(name, Object.keys(types));
    const value = given[name];
    if (value !== undefined) options[name] = read('option', name, types[name], value);
  }
  return options;
}

/** Longer names are no misspelled options, and comparing them takes time. */
const LONGEST_NAME = 64;

function unknownOption(name, known) {
  const masked = native.maskedName(name);
  const nearest = name.length <= LONGEST_NAME ? native.nearestName(name, known) : undefined;
  const help = nearest
    ? `did you mean \`${nearest}\`?`
    : `there ${known.length === 1 ? 'is only' : 'are'} ${known.join(', ')}.`;
  return wrongType(masked, `There is no option \`${masked}\` here; ${help}`);
}

/** A copy without a prototype, so that `Object.prototype` cannot supply what is missing. */
function withoutPrototype(object) {
  return Object.assign(Object.create(null), object);
}

module.exports = {
  argument,
  boolean,
  bytes,
  input,
  isForm,
  json,
  key,
  listener,
  number,
  pairs,
  readOptions,
  signal,
  text,
  texts,
  withoutPrototype,
};
