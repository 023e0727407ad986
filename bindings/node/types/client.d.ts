import type { Reauth } from '../enumerations.js';
import type { AbortSignalLike, OnEvent } from './events.js';
import type { ApiKey, ResolvedKey, ResolveOptions, ServerOption } from './keys.js';

/** The options of a {@link Client}. */
export interface ClientOptions extends ResolveOptions {
  /** The server to call. The key is sent to no other server. */
  server?: ServerOption | undefined;
  /** How long each try may take; thirty seconds by default. */
  timeoutMs?: number | undefined;
  /** How many times a request is retried at most, all within thirty seconds; 3 by default, 0 turns retries off. */
  retries?: number | undefined;
  /** The largest response body, in bytes after decompression; 64 MiB by default. */
  responseLimit?: number | undefined;
  /** When to log in if the server rejects the key; `never` by default. */
  reauth?: Reauth | undefined;
  /**
   * The expected organization, by id or slug. After a rejected key, keys of another organization are neither saved nor
   * used. By default the organization that this client saw last.
   */
  organization?: string | undefined;
  /** How long the user may take to log in; five minutes by default. */
  loginTimeoutMs?: number | undefined;
  /** Whether a login opens the browser; `true` by default. */
  openBrowser?: boolean | undefined;
  /** Receives the events of all calls. A login needs it, because the user has to see the login URL. */
  onEvent?: OnEvent | undefined;
}

/** A value of a query parameter or header; `undefined` is skipped. */
export type PairValue = string | number | boolean | undefined;

/** Names with one value or several, or pairs of both, such as `URLSearchParams` and `Headers`. */
export type Pairs =
  | Readonly<Record<string, PairValue | readonly PairValue[]>>
  | Iterable<readonly [string, string | undefined]>;

/** What a request uses of `URLSearchParams`. Declared here, so that the types need neither Node's nor the DOM's. */
export interface FormBody {
  getAll(name: string): string[];
  toString(): string;
}

/** The parts of a request in addition to method and path. */
export interface RequestOptions {
  query?: Pairs | undefined;
  /** Further headers. The client sets some itself, such as `Authorization` and `Host`, and refuses them here. */
  headers?: Pairs | undefined;
  /** The body as a JSON value; cannot be combined with `body`. */
  json?: unknown;
  /**
   * The body as it is. Its media type is that of a form for `URLSearchParams`, and `application/json` for all others,
   * unless you set `contentType` or the header. Streams are refused: a request may be sent again.
   */
  body?: ArrayBufferLike | ArrayBufferView | FormBody | string | undefined;
  /** The media type of the body; cannot be combined with a `content-type` header. */
  contentType?: string | undefined;
  /** Makes retries safe: the server runs requests with the same key once. The client then retries any method. */
  idempotencyKey?: string | undefined;
  /** The time limit of each try; by default `timeoutMs` of the client. */
  timeoutMs?: number | undefined;
  /** How many times the request is retried at most; by default `retries` of the client. */
  retries?: number | undefined;
  /** With `false`, a response of any status is the result. Retries and logins happen as usual before. */
  throw?: boolean | undefined;
  /**
   * Cancels this call, but not a login that other calls also wait for. The promise rejects with `signal.reason`. If the
   * server has sent new keys by then, they are saved.
   */
  signal?: AbortSignalLike | undefined;
}

/** A response with a 2xx status, or with `throw: false` of any status. */
export interface ApiResponse {
  readonly status: number;
  /** By lowercase name; several with one name are joined by `, `. Bytes that are not UTF-8 are U+FFFD. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body, decompressed. */
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

/** What {@link Client.fetch} uses of `Request` and `URL`. Declared here, so that the types do not need the DOM. */
export type FetchInput = typeof globalThis extends { fetch(input: infer I, ...rest: never): unknown } ? I : string;

/** The `RequestInit` of your program's `fetch`. */
export type FetchInit = typeof globalThis extends { fetch(input: never, init?: infer I): unknown } ? I : object;

/** The `Response` of your program's `fetch`. */
export type FetchResponse = typeof globalThis extends { fetch(...all: never): Promise<infer R> } ? R : unknown;

/**
 * Calls one server with the active key, which it finds again for each call. Calls share connections and logins.
 *
 * @example
 * import { Client, terminalListener } from 'libatmn';
 *
 * const client = new Client({ reauth: 'auto', onEvent: terminalListener() });
 * const response = await client.request('GET', '/v1/customers', { query: { limit: 10 } });
 * console.log(response.status, response.json());
 */
export class Client {
  /** Reads no key and opens no connection before the first call. */
  constructor(options?: ClientOptions);
  /**
   * Calls the API and returns the response if its status is 2xx, or with `throw: false` of any status. A request that
   * is safe to repeat is tried up to four times within thirty seconds; a `POST` or `PATCH` that may have arrived is
   * repeated only with an `idempotencyKey`. If the server rejects a secret key, the client looks for the key again. If
   * it is still the same, and `reauth` allows it, the client logs in once for all calls that wait, and repeats the
   * request once.
   *
   * @throws as {@link resolveKey}; {@link ApiError} `api_error`, `unauthorized` or the server's own code, and
   * `login_needed` if a key from `.env` or `.env.local` was rejected and no login is allowed; {@link AtmnError}
   * `organization_changed` or `wrong_environment` if the new key belongs elsewhere; `endpoint_not_public` if a
   * publishable key cannot make this call, in which case nothing is sent; as {@link login}; `resolve_failed`,
   * `connect_failed`, `tls_failed` or `proxy_failed` if the request did not arrive; `connection_lost`,
   * `request_timed_out`, `response_too_large` or `response_unreadable` if it may have arrived.
   */
  request(method: string, path: string, options?: RequestOptions): Promise<ApiResponse>;
  /**
   * Node's own `fetch` for this server, for HTTP clients and SDKs that take a `fetch`. It is bound to the client. A path
   * such as `/v1/customers` counts from {@link server}.
   *
   * Requests to the server's origin get the active key as `Authorization`, instead of what they had there. They are
   * retried, and repeated after a login, as in {@link request}; their body is read into memory first. Requests to all
   * other origins, redirected ones included, are sent without the key and once. The result is the `Response` of `fetch`,
   * with any status: a 401 too, if no login is allowed or none would help. If a login fails, the call rejects. There is
   * no time limit but that of `init.signal`.
   *
   * @throws as `fetch`; as {@link resolveKey}; `request_not_repeated`, `organization_changed`, `wrong_environment`, or as
   * {@link login} if the key was rejected and could not be replaced. An aborted call rejects with `signal.reason`.
   *
   * @example
   * import { Client } from 'libatmn';
   *
   * const client = new Client();
   * const response = await client.fetch('/v1/customers?limit=10');
   * console.log(response.status, response.headers.get('content-type'), await response.json());
   */
  fetch(input: FetchInput, init?: FetchInit): Promise<FetchResponse>;
  /** The base URL of the server, without a trailing slash: of the option, of `ATMN_BACKEND_URL`, or the cloud's. */
  readonly server: string;
  /**
   * Replaces a key that the server rejected, for programs that call the API by other means. It does what {@link request}
   * does after a 401, and resolves to the key to use from now on. If the organization of the rejected key is not known
   * and none is set, the new key may belong to another one: the event `hint` says so, and the program decides what to
   * repeat.
   *
   * @throws as {@link request}; `wrong_key_kind` for a publishable key; `unauthorized` if the location of the key is one
   * that a login cannot change.
   */
  reauthenticate(rejected: ApiKey | string, options?: { signal?: AbortSignalLike | undefined }): Promise<ResolvedKey>;
  /**
   * Submits the text that the user pasted for the login in progress, as {@link LoginAttempt.submit}.
   *
   * @throws {@link AtmnError} `no_pending_login` if no login of this client is in progress.
   */
  submit(text: string): void;
}
