'use strict';

// Query, headers and body of a request, as the addon takes them.

const { isForm } = require('./arguments.js');
const { wrongType, wrongValue } = require('./errors.js');

/** As fetch sends `URLSearchParams`. */
const FORM_TYPE = 'application/x-www-form-urlencoded;charset=UTF-8';

/**
 * Names and values in turn, from an object, whose values may be arrays, or from pairs such as `URLSearchParams`. Values
 * that are `undefined` are skipped.
 */
function readPairs(option, given, contentType) {
  if (given === undefined) return [];
  const isIterable = typeof given[Symbol.iterator] === 'function';
  const flat = [];
  for (const pair of isIterable ? given : Object.entries(given)) {
    if (!Array.isArray(pair) || pair.length !== 2) throw wrongType(option, `The option \`${option}\` must hold pairs.`);
    const [name, value] = pair;
    if (contentType !== undefined && String(name).toLowerCase() === 'content-type') {
      throw wrongValue('contentType', 'The option `contentType` cannot be combined with a `content-type` header.');
    }
    for (const one of [value].flat()) if (one !== undefined) flat.push(textOf(option, name), textOf(option, one));
  }
  return flat;
}

function textOf(option, value) {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') {
    throw wrongType(option, `The option \`${option}\` must hold strings, numbers and booleans.`);
  }
  if (!value.isWellFormed()) throw wrongValue(option, `The option \`${option}\` must hold well-formed strings.`);
  return value;
}

/** The bytes of the body, and its media type where the body itself says which. */
function bodyOf(body, json) {
  if (json === undefined) return bytesOf(body);
  if (body !== undefined) throw wrongValue('json', 'The option `json` cannot be combined with `body`.');
  try {
    return { bytes: Buffer.from(JSON.stringify(json)), ownType: undefined };
  } catch (error) {
    throw wrongValue('json', 'The option `json` must be a value that JSON can hold.', error);
  }
}

function bytesOf(body) {
  if (body === undefined) return { bytes: undefined, ownType: undefined };
  if (typeof body === 'string') return { bytes: Buffer.from(body), ownType: undefined };
  if (isForm(body)) return { bytes: Buffer.from(body.toString()), ownType: FORM_TYPE };
  if (ArrayBuffer.isView(body)) {
    return { bytes: new Uint8Array(body.buffer, body.byteOffset, body.byteLength), ownType: undefined };
  }
  return { bytes: new Uint8Array(body), ownType: undefined };
}

module.exports = { bodyOf, readPairs };
