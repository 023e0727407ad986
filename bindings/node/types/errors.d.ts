import type { AuthenticationCode, Environment, ErrorCode } from '../enumerations.js';

/** The fields of an {@link AtmnError} that you create, for example in a test. */
export interface AtmnErrorFields {
  code: ErrorCode;
  message: string;
  hint?: string | null | undefined;
  context?: Readonly<Record<string, string>> | undefined;
  cause?: Error | undefined;
}

/**
 * An error of this library. Arguments of the wrong type throw a `TypeError` instead, and aborted calls reject with
 * `signal.reason`. No field ever contains a secret.
 *
 * @example
 * import { AtmnError, resolveKey } from 'libatmn';
 *
 * try {
 *   resolveKey({ environment: 'live' });
 * } catch (error) {
 *   if (!(error instanceof AtmnError)) throw error;
 *   console.error(error.code, error.message, error.hint ?? '');
 * }
 */
export class AtmnError extends Error {
  constructor(fields: AtmnErrorFields);
  /** The kind of error. */
  readonly code: ErrorCode;
  /** What to do about it. */
  readonly hint: string | null;
  /** The values that the error is about: `path`, `line`, `variable`, `option`, `url`, … */
  readonly context: Readonly<Record<string, string>>;
  /** The underlying error, if there is one. */
  readonly cause?: Error;
}

/** The fields of an {@link ApiError} that you create, for example in a test. */
export interface ApiErrorFields extends AtmnErrorFields {
  status: number;
  apiCode?: string | null | undefined;
  environment?: Environment | null | undefined;
  requestId?: string | null | undefined;
  method?: string | null | undefined;
  url?: string | null | undefined;
  retryAfter?: number | null | undefined;
  headers?: Readonly<Record<string, string>> | readonly (readonly [string, string])[] | undefined;
  body?: Uint8Array | string | undefined;
}

/**
 * The API answered with a status that is not 2xx: `api_error`, `unauthorized`, `login_needed`, or an {@link
 * AuthenticationCode}. It has the whole response; where the server repeats a key, the key is masked.
 *
 * @example
 * import { ApiError, Client } from 'libatmn';
 *
 * try {
 *   await new Client().request('GET', '/v1/customers/cus_42');
 * } catch (error) {
 *   if (!(error instanceof ApiError)) throw error;
 *   console.error(error.method, error.url, error.status, error.requestId, error.text());
 *   if (error.retryAfter !== null) console.error(`Try again in ${error.retryAfter} seconds.`);
 * }
 */
export class ApiError extends AtmnError {
  constructor(fields: ApiErrorFields);
  /** The HTTP status. */
  readonly status: number;
  /** The server's own code. */
  readonly apiCode: string | null;
  /** The environment of the request, as the server reports it. */
  readonly environment: Environment | null;
  /** Identifies the request to Autumn's support. */
  readonly requestId: string | null;
  /** The method of the request. */
  readonly method: string | null;
  /** The URL of the request, without its query, which may be secret. */
  readonly url: string | null;
  /** How many seconds the server asks to wait, from `Retry-After` in seconds or as a date. */
  readonly retryAfter: number | null;
  /** The headers of the response, by lowercase name; several with one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body of the response, decompressed. */
  readonly body: Uint8Array;
  /** A header by its name in any case, or `null`; several with one name are joined by `, `. */
  header(name: string): string | null;
  /** All values of a header by its name in any case, such as those of `Set-Cookie`. */
  headerValues(name: string): string[];
  /** The body as UTF-8 text. */
  text(): string;
  /** The body parsed as JSON. @throws `SyntaxError` if it is not JSON. */
  json<T = unknown>(): T;
}

/** The fields of an {@link AuthenticationError} that you create, for example in a test. */
export interface AuthenticationErrorFields extends AtmnErrorFields {
  code: AuthenticationCode;
  body: AuthenticationError['body'];
}

/** Thrown by `authenticate`: answer the request with `status` and `body`. */
export class AuthenticationError extends AtmnError {
  constructor(fields: AuthenticationErrorFields);
  readonly code: AuthenticationCode;
  readonly status: 401;
  /** For the client that sent the request. It contains nothing of the request or of `cause`. */
  readonly body: { message: string; code: AuthenticationCode; env: Environment };
}

/** An argument of the wrong type. `context.option` names it; the value is not repeated. */
export interface InvalidArgument extends TypeError {
  readonly code: 'invalid_argument';
  readonly hint: null;
  readonly context: Readonly<Record<string, string>>;
}

/**
 * The `code` of the error that loading the package throws: this platform has no binary, Node was started without native
 * addons (`--permission`, `--no-addons`), or the binary is missing, damaged or of another version.
 */
export type LoadErrorCode =
  | 'ERR_LIBATMN_UNSUPPORTED_PLATFORM'
  | 'ERR_LIBATMN_ADDONS_DISABLED'
  | 'ERR_LIBATMN_BINARY_NOT_LOADED';
