'use strict';

// Middleware that authenticates every request: for Express, for Hono, and for servers of fetch's Request and Response.

// Not the files of `lib/` one by one: the published package has them in one file.
const { AuthenticationError, authenticate } = require('./index.js');

/** A response with status 401 must name an authentication scheme (RFC 9110, 15.5.2). */
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

/** Authenticates a request: its principal, the refusal, or any other error. Errors of the handler are not caught here. */
async function outcome(request, verify, options) {
  try {
    return { principal: await authenticate(request, verify, options) };
  } catch (error) {
    return error instanceof AuthenticationError ? { refusal: error } : { error };
  }
}

module.exports = { expressMiddleware, fetchMiddleware, honoMiddleware };
