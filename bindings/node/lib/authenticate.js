'use strict';

const { argument, listener, readOptions } = require('./arguments.js');
const { AuthenticationError, unwrap } = require('./errors.js');
const { readRequest } = require('./incoming.js');
const { notify } = require('./listener.js');
const native = require('./native.js');
const options = require('./options.js');
const results = require('./results.js');

async function authenticate(request, verify, given) {
  argument('verify', listener, verify);
  const { accepts, onEvent } = readOptions(options.authenticate, given);
  const incoming = Object.assign(readRequest(request), { accepts });
  const refuse = (isUnknown, cause) => accepted(native.refuseCredential(incoming, isUnknown), onEvent, cause);
  const credential = results.credential(await accepted(native.readCredential(incoming), onEvent));
  let principal;
  try {
    principal = await verify(credential);
  } catch (error) {
    const cause = error instanceof Error ? error : new Error('verify failed', { cause: error });
    return refuse(false, cause);
  }
  if (isGenerator(principal)) throw new TypeError('verify must return a principal, not a generator.');
  // A check that answers `false` or a count of 0 instead of a principal must not accept the request.
  return principal || refuse(true);
}

const isGenerator = (value) =>
  typeof value?.next === 'function' && typeof (value[Symbol.iterator] ?? value[Symbol.asyncIterator]) === 'function';

/** The credential, or the refusal thrown after the listener has received its event. */
async function accepted(answer, onEvent, cause) {
  const { credential, refusal } = unwrap(answer);
  if (!refusal) return credential;
  await notify({ onEvent }, results.event(refusal.event));
  const { failure, status, body } = refusal;
  throw new AuthenticationError({ ...failure, status, body, cause: cause ?? failure.cause });
}

module.exports = { authenticate };
