'use strict';

// Errors are made here and not in the addon: a native promise would lose their codes.

class AtmnError extends Error {
  constructor({ code, message, hint, context, cause }) {
    super(message, cause == null ? undefined : { cause: cause instanceof Error ? cause : new Error(cause) });
    this.code = code;
    this.hint = hint;
    this.context = Object.freeze({ ...context });
  }
}

class ApiError extends AtmnError {
  constructor(failure) {
    super(failure);
    const { status, api_code, env, request_id } = this.context;
    this.status = Number(status);
    this.apiCode = api_code ?? null;
    this.environment = env ?? null;
    this.requestId = request_id ?? null;
  }
}

class AuthenticationError extends AtmnError {
  constructor({ failure, status, body: { message, code, env } }, cause) {
    super({ ...failure, cause: cause ?? failure.cause });
    this.status = status;
    this.body = { message, code, env };
  }
}

// On the prototypes, as with the errors of the language: the name is not part of what is printed of an error's fields.
// Spelled out, since bundlers rename classes.
for (const [name, kind] of Object.entries({ AtmnError, ApiError, AuthenticationError })) {
  Object.defineProperty(kind.prototype, 'name', { value: name, configurable: true, writable: true });
}

/** A wrong argument. Its value is not repeated: it may be a secret. */
function invalid(option, message, { hint = null, context = {}, cause } = {}) {
  const error = new TypeError(message, cause == null ? undefined : { cause: new Error(cause) });
  const fields = { code: 'invalid_argument', hint, context: Object.freeze({ ...context, option }) };
  return Object.assign(error, fields);
}

function toError(failure) {
  const { class: kind, message, hint, context, cause } = failure;
  if (kind === 'argument') return invalid(context.option, message, { hint, context, cause });
  return kind === 'answer' ? new ApiError(failure) : new AtmnError(failure);
}

/** The value of an envelope, or its failure thrown. */
function unwrap({ failure, value }) {
  if (failure) throw toError(failure);
  return value;
}

module.exports = { ApiError, AtmnError, AuthenticationError, invalid, unwrap };
