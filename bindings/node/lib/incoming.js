'use strict';

// Reads a request that a server received: Node's, fetch's, or a plain object.

const { wrongType } = require('./errors.js');

/** Method, path and the two headers that decide, without a prototype. */
function readRequest(request) {
  const get = fieldReader(request);
  const [method, path] = [get('method'), pathOf(get)];
  if (typeof method !== 'string' || typeof path !== 'string') {
    throw wrongType('request', 'The request must have a method, and a url or path.');
  }
  const header = headerReader(get('headers'), get('rawHeaders'));
  const [authorization, clientType] = [header('authorization'), header('x-client-type')];
  return Object.assign(Object.create(null), { method, path, authorization, clientType });
}

/**
 * Reads fields, but not from `Object.prototype`, which other code may have polluted: with an `originalUrl` there, every
 * request would look like another one. Requests of Node and fetch have getters on their own prototypes.
 */
function fieldReader(request) {
  return (name) => {
    for (let owner = request; isObject(owner) && !isObjectPrototype(owner); owner = Object.getPrototypeOf(owner)) {
      if (Object.hasOwn(owner, name)) return request[name];
    }
    return undefined;
  };
}

const isObject = (value) => typeof value === 'object' && value !== null;

/** Of any realm: it has no prototype, and it is the only such object with its own `hasOwnProperty`. */
const isObjectPrototype = (value) =>
  Object.getPrototypeOf(value) === null && Object.hasOwn(value, 'hasOwnProperty') && Object.hasOwn(value, '__proto__');

/** Routers of Express rewrite `url` and keep the original in `originalUrl`; fetch's requests have whole URLs. */
function pathOf(get) {
  const url = get('originalUrl') ?? get('url') ?? get('path');
  const isFetch = typeof get('headers')?.get === 'function' && URL.canParse(url);
  return isFetch ? new URL(url).pathname : url;
}

/** A function that returns all values of a header, joined as HTTP does it, so that two keys are never one valid key. */
function headerReader(headers, rawHeaders) {
  if (typeof headers?.get === 'function') return (name) => headers.get(name) ?? undefined;
  // Node keeps only the first Authorization header in `headers`.
  const pairs = Array.isArray(rawHeaders) ? inPairs(rawHeaders) : Object.entries(headers ?? {});
  return (name) => {
    const values = pairs.filter(([other, value]) => String(other).toLowerCase() === name && value !== undefined);
    const texts = values.flatMap(([, value]) => value);
    if (texts.some((text) => typeof text !== 'string')) {
      throw wrongType('request', 'The headers of the request must be strings.');
    }
    return texts.length === 0 ? undefined : texts.join(', ');
  };
}

function inPairs(flat) {
  const pairs = [];
  for (let index = 0; index < flat.length; index += 2) pairs.push([flat[index], flat[index + 1]]);
  return pairs;
}

module.exports = { readRequest };
