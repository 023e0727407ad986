'use strict';

const { checked, listener, options, shapes } = require('./arguments.js');
const { AuthenticationError, invalid, unwrap } = require('./errors.js');
const { native } = require('./native.mjs');
const results = require('./results.js');

async function authenticate(request, verify, given) {
  checked('verify', listener, verify);
  const { accepts, onEvent } = options(shapes.authenticate, given);
  const incoming = { ...read(request), accepts };
  const accepted = (answer, cause) => {
    const { refusal, ...claim } = unwrap(answer);
    if (!refusal) return claim;
    onEvent?.(results.event(refusal.event));
    throw new AuthenticationError(refusal, cause);
  };
  const credential = results.credential(accepted(native.readCredential(incoming)));
  const refuse = (unknown, cause) => accepted(native.refuseCredential(incoming, unknown), cause);
  const principal = await told(verify, credential, (cause) => refuse(false, cause));
  // `false` is what a check answers that should have answered who it is; it must not let anybody in.
  return principal === false || principal == null ? refuse(true) : principal;
}

async function told(verify, credential, cannotTell) {
  try {
    return await verify(credential);
  } catch (error) {
    return cannotTell(error instanceof Error ? error : new Error('verify could not tell', { cause: error }));
  }
}

/** Method, path and the two headers that count, of a request of Node's, of fetch, or of a plain object. */
function read(request) {
  const { method, headers, rawHeaders } = request ?? {};
  const path = pathOf(request ?? {});
  if (typeof method !== 'string' || typeof path !== 'string') {
    throw invalid('request', 'The request must have a method and a path or url.');
  }
  const header = headerReader(headers, rawHeaders);
  return { method, path, authorization: header('authorization'), clientType: header('x-client-type') };
}

/** Express rewrites `url` within routers, and keeps what came in `originalUrl`; fetch has whole addresses. */
function pathOf({ path, originalUrl, url, headers }) {
  const address = originalUrl ?? url ?? path;
  const isFetch = typeof headers?.get === 'function' && URL.canParse(address);
  return isFetch ? new URL(address).pathname : address;
}

/** All values of a header, joined as HTTP joins them: of two keys, none is chosen. */
function headerReader(headers, rawHeaders) {
  if (typeof headers?.get === 'function') return (name) => headers.get(name) ?? undefined;
  // Node keeps the first Authorization header and drops the others from `headers`.
  const pairs = Array.isArray(rawHeaders) ? inPairs(rawHeaders) : Object.entries(headers ?? {});
  return (name) => {
    const values = pairs.filter(([other, value]) => other.toLowerCase() === name && value !== undefined);
    const texts = values.flatMap(([, value]) => value);
    if (texts.some((one) => typeof one !== 'string'))
      throw invalid('request', 'The headers of the request must be texts.');
    return texts.length === 0 ? undefined : texts.join(', ');
  };
}

function inPairs(flat) {
  const pairs = [];
  for (let index = 0; index < flat.length; index += 2) pairs.push([flat[index], flat[index + 1]]);
  return pairs;
}

module.exports = { authenticate };
