'use strict';

// Errors are created here and not in the addon, because Node-API loses their codes in asynchronous functions.

const { isReadable } = require('./properties.js');
const { responseOf } = require('./response.js');

class AtmnError extends Error {
  constructor(failure) {
    const { code, message, hint = null, context = {}, cause } = ofType('object', 'failure', failure);
    ofType('string', 'code', code);
    ofType('string', 'message', message);
    super(message, cause == null ? undefined : { cause: cause instanceof Error ? cause : new Error(cause) });
    this.code = code;
    this.hint = hint;
    this.context = Object.freeze({ ...context });
  }
}

class ApiError extends AtmnError {
  /** The whole response. Hidden, so that `console.log` shows neither headers nor body. */
  #response;

  constructor(failure) {
    super(failure);
    const given = { __proto__: null, ...failure };
    const context = { __proto__: null, ...given.context };
    this.status = given.status ?? Number(context.status);
    this.apiCode = given.apiCode ?? context.api_code ?? null;
    this.environment = given.environment ?? context.env ?? null;
    this.requestId = given.requestId ?? context.request_id ?? null;
    this.method = given.method ?? context.method ?? null;
    this.url = given.url ?? context.url ?? null;
    this.retryAfter = given.retryAfter ?? (context.retry_after === undefined ? null : Number(context.retry_after));
    this.#response = responseOf({ status: this.status, headers: given.headers, body: given.body });
  }

  get headers() {
    return this.#response.headers;
  }

  get body() {
    return this.#response.body;
  }

  header(name) {
    return this.#response.header(name);
  }

  headerValues(name) {
    return this.#response.headerValues(name);
  }

  text() {
    return this.#response.text();
  }

  json() {
    return this.#response.json();
  }
}

class AuthenticationError extends AtmnError {
  constructor(refusal) {
    const { status = 401, body, ...failure } = ofType('object', 'refusal', refusal);
    super(failure);
    const { message, code, env } = ofType('object', 'body', body);
    this.status = status;
    this.body = { message, code, env };
  }
}

// On the prototypes, as for JavaScript's own errors, so that `console.log` does not list the name as a field. The names
// are literals because minifiers rename classes.
for (const [name, { prototype }] of Object.entries({ AtmnError, ApiError, AuthenticationError })) {
  Object.defineProperty(prototype, 'name', { value: name, configurable: true, writable: true });
}

/** The argument of an error's constructor, if it has the type. */
function ofType(type, name, value) {
  if (typeof value === type && value !== null && isReadable(value)) return value;
  throw wrongType(name, `The argument \`${name}\` must be ${type === 'object' ? 'an' : 'a'} ${type}.`);
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

/** The value in an envelope of the addon; throws the failure if it holds one. `body` is that of a failed response. */
function unwrap(envelope, body) {
  const { type, content } = typeof envelope === 'string' ? JSON.parse(envelope) : envelope;
  if (type !== 'failure') return content;
  throw content.class === 'answer' ? new ApiError({ ...content, body }) : new AtmnError(content);
}

module.exports = { ApiError, AtmnError, AuthenticationError, unwrap, wrongType, wrongValue };
