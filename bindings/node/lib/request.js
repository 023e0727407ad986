'use strict';

// Query, headers and body of a request, as the addon takes them.

const { wrongType, wrongValue } = require('./errors.js');

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

function bodyOf(body, json) {
  if (json === undefined) return typeof body === 'string' ? Buffer.from(body) : body;
  if (body !== undefined) throw wrongValue('json', 'The option `json` cannot be combined with `body`.');
  try {
    return Buffer.from(JSON.stringify(json));
  } catch (error) {
    throw wrongValue('json', 'The option `json` must be a value that JSON can hold.', error);
  }
}

module.exports = { bodyOf, readPairs };
