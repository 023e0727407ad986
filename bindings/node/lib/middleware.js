'use strict';

// Middleware that authenticates every request: for Express, for Hono, and for servers of fetch's Request and Response.

const { argument, listener, readOptions, withoutPrototype } = require('./arguments.js');
const { AuthenticationError, authenticate } = require('./index.js');
const native = require('./native.js');
const { authenticate: options } = require('./options.js');
const { unwrap } = require('./errors.js');

/** A response with status 401 must name an authentication scheme (RFC 9110, 15.5.2). */
const headers = Object.freeze({ 'www-authenticate': 'Bearer' });

function expressMiddleware(verify, given) {
  const outcome = authenticator(verify, given);
  return async (request, response, next) => {
    const { principal, refusal, error } = await outcome(request);
    if (refusal) {
      response.status(refusal.status).set(headers).json(refusal.body);
    } else if (error) {
      next(error);
    } else {
      response.locals.principal = principal;
      next();
    }
  };
}

function honoMiddleware(verify, given) {
  const outcome = authenticator(verify, given);
  return async (context, next) => {
    const { principal, refusal, error } = await outcome(context.req.raw);
    if (refusal) return context.json(refusal.body, refusal.status, headers);
    if (error) throw error;
    context.set('principal', principal);
    await next();
    return undefined;
  };
}

function fetchMiddleware(handler, verify, given) {
  argument('handler', listener, handler);
  const outcome = authenticator(verify, given);
  return async (request, ...others) => {
    const { principal, refusal, error } = await outcome(request);
    if (refusal) return Response.json(refusal.body, { status: refusal.status, headers });
    if (error) throw error;
    return handler(request, principal, ...others);
  };
}

/**
 * A function that authenticates a request: its principal, the refusal, or any other error. Errors of the handler are not
 * caught here. Wrong options are refused now, and not at the first request.
 */
function authenticator(verify, given) {
  argument('verify', listener, verify);
  const { onError, ...rest } = readOptions({ ...options, onError: listener }, given);
  checkAccepts(rest.accepts);
  return async (request) => {
    let verifyFailed = false;
    const verifying = async (credential) => {
      try {
        return await verify(credential);
      } catch (error) {
        verifyFailed = true;
        throw error;
      }
    };
    try {
      return { principal: await authenticate(request, verifying, withoutPrototype(rest)) };
    } catch (error) {
      return error instanceof AuthenticationError ? report(error, verifyFailed && onError) : failed(error);
    }
  };
}

/** Refuses an unknown word, as the first request would. */
function checkAccepts(accepts) {
  unwrap(native.readCredential({ __proto__: null, method: 'GET', path: '/', accepts }));
}

/** The refusal, after the program has received it, if `verify` threw. */
async function report(refusal, onError) {
  try {
    if (onError) await onError(refusal);
    return { refusal };
  } catch (error) {
    return failed(error);
  }
}

/**
 * The error of a listener. A listener can throw anything: without this, a false value would let the request through, and
 * Express takes some texts for commands.
 */
function failed(error) {
  return {
    error: error instanceof Error ? error : new Error('A listener of the middleware failed.', { cause: error }),
  };
}

module.exports = { expressMiddleware, fetchMiddleware, honoMiddleware };
