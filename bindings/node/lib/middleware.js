'use strict';

// Middleware that authenticates every request: for Express, for Hono, and for servers of fetch's Request and Response.

// The whole package, which is one file once it is published.
const { AuthenticationError, authenticate } = require('./index.js');

/** A 401 names a scheme (RFC 9110, 15.5.2). */
const headers = Object.freeze({ 'www-authenticate': 'Bearer' });

function expressMiddleware(verify, options) {
  return async (request, response, next) => {
    const { principal, refusal, error } = await outcome(request, verify, options);
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

function honoMiddleware(verify, options) {
  return async (context, next) => {
    const { principal, refusal, error } = await outcome(context.req.raw, verify, options);
    if (refusal) return context.json(refusal.body, refusal.status, headers);
    if (error) throw error;
    context.set('principal', principal);
    await next();
    return undefined;
  };
}

function fetchMiddleware(handler, verify, options) {
  return async (request, ...others) => {
    const { principal, refusal, error } = await outcome(request, verify, options);
    if (refusal) return Response.json(refusal.body, { status: refusal.status, headers });
    if (error) throw error;
    return handler(request, principal, ...others);
  };
}

/** Who sent the request, or the refusal, or another error. A handler's own errors do not pass through here. */
async function outcome(request, verify, options) {
  try {
    return { principal: await authenticate(request, verify, options) };
  } catch (error) {
    return error instanceof AuthenticationError ? { refusal: error } : { error };
  }
}

module.exports = { expressMiddleware, fetchMiddleware, honoMiddleware };
