'use strict';

// Errors are created here and not in the addon, because Node-API loses their codes in asynchronous functions.

class AtmnError extends Error {
  constructor({ code, message, hint = null, context = {}, cause }) {
    super(message, cause == null ? undefined : { cause: cause instanceof Error ? cause : new Error(cause) });
    this.code = code;
    this.hint = hint;
    this.context = Object.freeze({ ...context });
  }
}

class ApiError extends AtmnError {
  constructor(failure) {
    super(failure);
    const { status, api_code: apiCode, env, request_id: requestId } = { __proto__: null, ...failure.context };
    this.status = failure.status ?? Number(status);
    this.apiCode = failure.apiCode ?? apiCode ?? null;
    this.environment = failure.environment ?? env ?? null;
    this.requestId = failure.requestId ?? requestId ?? null;
  }
}

class AuthenticationError extends AtmnError {
  constructor({ status = 401, body, ...failure }) {
    super(failure);
    const { message, code, env } = body;
    this.status = status;
    this.body = { message, code, env };
  }
}

// On the prototypes, as for JavaScript's own errors, so that `console.log` does not list the name as a field. The names
// are literals because minifiers rename classes.
for (const [name, { prototype }] of Object.entries({ AtmnError, ApiError, AuthenticationError })) {
  Object.defineProperty(prototype, 'name', { value: name, configurable: true, writable: true });
}

/** An argument of the wrong type. The message does not repeat the value, which may be a secret. */
function wrongType(option, message) {
  const context = Object.freeze({ option });
  return Object.assign(new TypeError(message), { code: 'invalid_argument', hint: null, context });
}

/** An argument of the right type whose value cannot be used. The message does not repeat the value. */
function wrongValue(option, message, cause) {
  return new AtmnError({ code: 'invalid_argument', message, context: { option }, cause });
}

/** The value in an envelope of the addon; throws the failure if it holds one. */
function unwrap(envelope) {
  const { type, content } = typeof envelope === 'string' ? JSON.parse(envelope) : envelope;
  if (type !== 'failure') return content;
  throw content.class === 'answer' ? new ApiError(content) : new AtmnError(content);
}

module.exports = { ApiError, AtmnError, AuthenticationError, unwrap, wrongType, wrongValue };
