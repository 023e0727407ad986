'use strict';

// Reads a request that a server received: Node's, fetch's, or a plain object.

const { wrongType } = require('./errors.js');
const { isReadable, readProperty } = require('./properties.js');

/** Method, path and the two headers that decide, without a prototype. */
function readRequest(request) {
  if (!isReadable(request)) throw wrongType('request', 'The request must be an object.');
  const get = (name) => {
    const value = readProperty(request, name);
    if (isReadable(value)) return value;
    throw wrongType('request', `The \`${name}\` of the request must be an object.`);
  };
  const [method, path] = [get('method'), pathOf(get)];
  if (typeof method !== 'string' || typeof path !== 'string') {
    throw wrongType('request', 'The request must have a method, and a url or path.');
  }
  const header = headerReader(get('headers'), get('rawHeaders'));
  const [authorization, clientType] = [header('authorization'), header('x-client-type')];
  return Object.assign(Object.create(null), { method, path, authorization, clientType });
}

/** Routers of Express rewrite `url` and keep the original in `originalUrl`; fetch's requests have whole URLs. */
function pathOf(get) {
  const url = get('originalUrl') ?? get('url') ?? get('path');
  const isFetch = typeof get('headers')?.get === 'function' && URL.canParse(url);
  return isFetch ? new URL(url).pathname : url;
}

/** A function that returns all values of a header, joined as HTTP does it, so that two keys are never one valid key. */
function headerReader(headers, rawHeaders) {
  if (typeof headers?.get === 'function') return (name) => joined([headers.get(name) ?? []].flat());
  // Node keeps only the first Authorization header in `headers`.
  const pairs = Array.isArray(rawHeaders) ? inPairs(rawHeaders) : Object.entries(headers ?? {});
  return (name) => {
    const values = pairs.filter(([other, value]) => String(other).toLowerCase() === name && value !== undefined);
    return joined(values.flatMap(([, value]) => value));
  };
}

/** The values of one header as HTTP joins them. The message does not repeat a value, which may be a key. */
function joined(values) {
  if (values.some((value) => typeof value !== 'string')) {
    throw wrongType('request', 'The headers of the request must be strings.');
  }
  return values.length === 0 ? undefined : values.join(', ');
}

function inPairs(flat) {
  const pairs = [];
  for (let index = 0; index < flat.length; index += 2) pairs.push([flat[index], flat[index + 1]]);
  return pairs;
}

module.exports = { readRequest };
