/**
 * Log in to Autumn, keep its API keys in `.env`, find them again, and call the API with them.
 *
 * Options come last and may be left out; what a result does not have is `null`; times are in milliseconds. Names of
 * options that do not exist and values of the wrong type are a `TypeError` with `code` `'invalid_argument'`, and so is
 * a value that cannot be used. The library prints nothing and changes no environment variable.
 *
 * @packageDocumentation
 */

/** Which data a key reaches: `sandbox` for development (`…_test_…`), `live` for real customers (`…_live_…`). */
export type Environment = 'sandbox' | 'live';

/** What a key may do: `secret` everything, from a server; `publishable` four endpoints, from anywhere. */
export type KeyKind = 'secret' | 'publishable';

/**
 * What kind of place a key came from: the caller's `argument`, a variable of the `process`, the `secret_file` that a
 * `…_FILE` variable names, or an `env_file` (`.env.local`, `.env`).
 */
export type Origin = 'argument' | 'process' | 'secret_file' | 'env_file';

/**
 * What became of a place: its key is in force (`used`), it has none (`absent`, `empty`), a nearer one was used
 * (`shadowed`), it comes first and cannot be used (`refused`), it was passed over (`skipped`), its key was taken out
 * (`removed`).
 */
export type Outcome = 'used' | 'absent' | 'empty' | 'shadowed' | 'refused' | 'skipped' | 'removed';

/**
 * What git thinks of the file: it lies in no work tree (`none`), is `ignored`, is ignored now (`added`: a line was
 * added to `.gitignore`), is `not_ignored`, is `tracked`, or git could not be asked (`unknown`).
 */
export type Git = 'none' | 'ignored' | 'added' | 'not_ignored' | 'tracked' | 'unknown';

/**
 * What to do about a `.env` that git would commit: `add` it to `.gitignore` when it is created, or `never`, only
 * report.
 */
export type Gitignore = 'add' | 'never';

/** What an endpoint accepts: `any` credential, or `publishable_only`: publishable keys and nothing else. */
export type Accepts = 'any' | 'publishable_only';

/** Every code that an error of libatmn can have. Codes never change; a minor release may add some. */
export type ErrorCode =
  | 'null_argument'
  | 'not_utf8'
  | 'invalid_argument'
  | 'cancelled'
  | 'timed_out'
  | 'panic'
  | 'busy'
  | 'ports_in_use'
  | 'login_denied'
  | 'login_unattended'
  | 'state_mismatch'
  | 'exchange_refused'
  | 'exchange_unreadable'
  | 'keys_refused'
  | 'login_needed'
  | 'no_pending_login'
  | 'key_not_found'
  | 'malformed_key'
  | 'wrong_key_kind'
  | 'wrong_environment'
  | 'key_file_unreadable'
  | 'file_unreadable'
  | 'file_unwritable'
  | 'env_file_tracked'
  | 'file_locked'
  | 'env_file_not_replaceable'
  | 'file_untrusted'
  | 'disk_full'
  | 'not_a_file'
  | 'link_refused'
  | 'connect_failed'
  | 'tls_failed'
  | 'api_error'
  | 'unauthorized'
  | 'organization_changed'
  | 'resolve_failed'
  | 'proxy_failed'
  | 'request_timed_out'
  | 'response_too_large'
  | 'connection_lost'
  | 'response_unreadable'
  | AuthenticationCode;

/** The codes with which requests to an Autumn API are refused. */
export type AuthenticationCode =
  | 'no_secret_key'
  | 'invalid_secret_key'
  | 'invalid_auth_header'
  | 'no_publishable_key'
  | 'invalid_publishable_key'
  | 'endpoint_not_public'
  | 'failed_to_verify_secret_key'
  | 'failed_to_verify_publishable_key';

/** Every event that libatmn reports. */
export type EventCode =
  | 'login_url'
  | 'browser_opened'
  | 'browser_failed'
  | 'hint'
  | 'callback_received'
  | 'keys_received'
  | 'keys_saved'
  | 'retrying'
  | 'key_rejected'
  | 'login_waiting'
  | 'request_repeated'
  | 'request_refused';

/** Who an event is for: `info` the person who waits, `debug` whoever looks for a fault. */

/** One thing that happened during a call. It never holds a secret. */
export interface Event {
  readonly code: EventCode;
  /** Ready to print. */
  readonly message: string;
  /** The parts of the message: `url`, `port`, `path`, … */
  readonly context: Readonly<Record<string, string>>;
}

/**
 * Hears the events of a call, on JavaScript's thread, in the `AsyncLocalStorage` context of the caller, and all of them
 * before the promise settles. If it throws, the call is cancelled and the promise rejects with what it threw.
 */
export type OnEvent = (event: Event) => void;

/**
 * A ready-made listener for a terminal: the events that are for a person, one line each. Standard error unless another
 * stream is given; it throws, and so cancels the call, when the stream is closed, since nobody sees the address then.
 *
 * @example
 * import { login, terminalListener } from 'libatmn';
 *
 * await login({ onEvent: terminalListener() });
 */
export function terminalListener(stream?: { write(text: string): unknown; readonly destroyed?: boolean }): OnEvent;

/**
 * What goes wrong, except for wrong arguments (`TypeError`) and aborted signals (`signal.reason`). No field ever holds
 * a secret.
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
  protected constructor();
  /** What kind of failure it is. */
  readonly code: ErrorCode;
  /** What to do about it. */
  readonly hint: string | null;
  /** What it is about: `path`, `line`, `variable`, `option`, `url`, … */
  readonly context: Readonly<Record<string, string>>;
  /** The reason behind it, where there is one. */
  readonly cause?: Error;
}

/** The API answered, and not with 2xx: `api_error`, `unauthorized`, or one of the codes of a refused request. */
export class ApiError extends AtmnError {
  protected constructor();
  /** The HTTP status. */
  readonly status: number;
  /** The server's own code. */
  readonly apiCode: string | null;
  /** The environment that the server says the request was for. */
  readonly environment: Environment | null;
  /** What to tell Autumn's support. */
  readonly requestId: string | null;
}

/** Thrown by {@link authenticate}: answer the request with `status` and `body`. */
export class AuthenticationError extends AtmnError {
  protected constructor();
  readonly code: AuthenticationCode;
  readonly status: 401;
  /** For whoever sent the request. It names nothing of the request, and nothing of `cause`. */
  readonly body: { message: string; code: AuthenticationCode; env: Environment };
}

/** A wrong argument, or a value that cannot be used. `context.option` names it; its value is not repeated. */
export interface InvalidArgument extends TypeError {
  readonly code: 'invalid_argument';
  readonly hint: string | null;
  readonly context: Readonly<Record<string, string>>;
}

/**
 * An Autumn API key. It shows itself masked (`am_sk_test_…a1b2`) in `console.log`, in templates and in JSON; the text
 * comes from `reveal()` only. The ellipsis cannot be part of a header, so a masked key in one throws at once.
 *
 * @example
 * import { ApiKey } from 'libatmn';
 *
 * const key = new ApiKey('am_sk_test_0123456789abcdef');
 * console.log(`${key}`, key.kind, key.environment); // am_sk_test_…cdef secret sandbox
 * const headers = { authorization: `Bearer ${key.reveal()}` };
 */
export class ApiKey {
  /** @throws {@link AtmnError} `malformed_key`; the text is not repeated. */
  constructor(text: string);
  readonly kind: KeyKind;
  readonly environment: Environment;
  /** The secret text. Whoever calls this takes over the duty not to print it. */
  reveal(): string;
  /** Masked. */
  toString(): string;
  /** Masked. */
  toJSON(): string;
}

/** A place where a key is, was, or could have been. */
export interface Location {
  origin: Origin;
  /** The variable looked for; none for an argument, or for a file that could not be read at all. */
  variable: string | null;
  /** The file, where there is one. */
  path: string | null;
  /** The line in it, from 1. */
  line: number | null;
  outcome: Outcome;
  /** The key it holds, masked. */
  masked: string | null;
  /** Why it was refused or skipped; completes "it …". */
  reason: string | null;
  /** Ready to print: `AUTUMN_SECRET_KEY in /srv/app/.env, line 3`. */
  text: string;
}

/** An organization, as its members know it. */
export interface Organization {
  /** Older servers do not tell it. */
  id: string | null;
  name: string;
  /** Its short name, as it stands in addresses. */
  slug: string;
}

/** What to look for, and where. */
export interface ResolveOptions {
  /** A key that the caller already has; comes before every other place. An empty text counts as absent. */
  key?: ApiKey | string;
  /** The environment wanted; without it, whatever `AUTUMN_SECRET_KEY` holds. */
  environment?: Environment;
  /** Where to start; the working directory unless set. */
  directory?: string;
  /**
   * Where the walk through the parent directories ends: at the root unless set, at the git repository, or at a
   * directory.
   */
  boundary?: 'filesystem' | 'repository' | (string & {});
}

/** A key, and how it was found. */
export interface ResolvedKey {
  key: ApiKey;
  /** The place it came from. */
  source: Location;
  /** Places that were passed over although they may hold a key. */
  skipped: Location[];
}

/** What a key is, told from its text alone. */
export interface KeyClass {
  kind: KeyKind;
  environment: Environment;
}

/**
 * Tells kind and environment of a key, or `null` for any text that {@link ApiKey} would not accept.
 *
 * @example
 * import { classifyKey } from 'libatmn';
 *
 * console.log(classifyKey('am_pk_live_example')); // { kind: 'publishable', environment: 'live' }
 */
export function classifyKey(text: string): KeyClass | null;

/**
 * Finds the key in force: the argument, the variable of the process, the file that `AUTUMN_SECRET_KEY_FILE` names, then
 * `.env.local` and `.env` in the directory and each of its parents. The nearest place that has the variable wins; an
 * empty value counts as absent.
 *
 * | asked for | variable |
 * |---|---|
 * | nothing | `AUTUMN_SECRET_KEY`, whatever its environment |
 * | `sandbox` | `AUTUMN_SECRET_KEY`; a live key in it is refused |
 * | `live` | `AUTUMN_PROD_SECRET_KEY`, then `AUTUMN_SECRET_KEY` if it holds a live key |
 *
 * @throws {@link AtmnError} `key_not_found`; `malformed_key`, `wrong_key_kind`, `wrong_environment`: the nearest place
 * holds something else, and the context names it; `key_file_unreadable`: a `…_FILE` variable is set and its file cannot
 * be used.
 *
 * @example
 * import { resolveKey } from 'libatmn';
 *
 * const { key, source } = resolveKey({ environment: 'sandbox' });
 * console.log(`${key} from ${source.text}`); // masked
 */
export function resolveKey(options?: ResolveOptions): ResolvedKey;

/**
 * Lists every place that {@link resolveKey} would look at, in its order, with what became of it.
 *
 * @example
 * import { explainKey } from 'libatmn';
 *
 * for (const place of explainKey()) console.log(place.outcome, place.text);
 */
export function explainKey(options?: ResolveOptions): Location[];

/** Where to save, and what to allow. */
export interface SaveOptions {
  /** The directory whose `.env` is written; the working directory unless set. */
  directory?: string;
  /** Writes even if git tracks the file. */
  allowTracked?: boolean;
  /** What to do if git would commit a file that is created; `add` unless set. */
  gitignore?: Gitignore;
}

/** What was saved. */
export interface SaveResult {
  /** The file that holds the keys now; where `.env` is a link, the file behind it. */
  path: string;
  /** It did not exist before. */
  created: boolean;
  git: Git;
  /** The keys that were replaced, masked. */
  replaced: Location[];
  /** Nearer places that hold another key, so that the saved one is not in force. */
  shadowedBy: Location[];
  /** No other process could interfere; `false` where the system offers no locks. */
  locked: boolean;
}

/**
 * Saves one secret key, or a sandbox and a live key, in the `.env` of the directory. All else in the file stays byte
 * for byte; whoever reads, and whatever happens, the file is the old one or the new one. On any failure, nothing has
 * changed.
 *
 * @throws {@link AtmnError} `malformed_key`, `wrong_key_kind`: these are no secret keys; `env_file_tracked`: git tracks
 * the file; `file_untrusted`, `not_a_file`, `link_refused`, `file_unreadable`: what stands there is not ours to edit;
 * `file_unwritable`, `disk_full`, `env_file_not_replaceable`, `file_locked`: it could not be written.
 *
 * @example
 * import { ApiKey, saveKeys } from 'libatmn';
 *
 * const saved = saveKeys([new ApiKey('am_sk_test_0123456789ab')]);
 * for (const place of saved.shadowedBy) console.warn(`${place.text} comes first.`);
 */
export function saveKeys(keys: readonly (ApiKey | string)[], options?: SaveOptions): SaveResult;

/** Where to log out. */
export interface LogoutOptions {
  /** The directory whose `.env` is edited; the working directory unless set. */
  directory?: string;
  /** The server whose dashboard is named in the result. */
  server?: 'cloud' | 'local' | (string & {});
}

/** What was taken out, and what is left. */
export interface LogoutResult {
  /** The file looked at. */
  path: string;
  /** The keys taken out, masked; empty if there were none. */
  removed: Location[];
  /** Every place that still holds a key, from the nearest on. */
  remaining: Location[];
  /** Ready to print: keys are not revoked, and where to do that. */
  note: string;
  /** No other process could interfere; `false` where the system offers no locks. */
  locked: boolean;
}

/**
 * Removes both keys from the `.env` of the directory, and of that directory only. Nothing to remove is success. Errors
 * as for the file of {@link saveKeys}.
 *
 * @example
 * import { logout } from 'libatmn';
 *
 * const { removed, remaining, note } = logout();
 * console.log(removed.length, remaining.map((place) => place.text), note);
 */
export function logout(options?: LogoutOptions): LogoutResult;

/** What all kinds of login have in common. */
export interface BeginLoginOptions extends SaveOptions {
  /** `cloud`, `local` (http://localhost:8080) or a base address; unless set, `ATMN_BACKEND_URL`, then the cloud. */
  server?: 'cloud' | 'local' | (string & {});
  /** Saves the sandbox key only. The server makes both all the same. */
  sandboxOnly?: boolean;
  /** The organization expected, by id or short name; keys of another one are not saved. */
  organization?: string;
}

/** What can be heard of a call, and how it is ended. */
export interface Heard {
  onEvent?: OnEvent;
  /**
   * Ends the call; the promise rejects with `signal.reason` as soon as the callback port is free again. Where the
   * server may have made keys by then, it rejects with an {@link AtmnError} `cancelled` instead, whose hint says where
   * to delete them. Once the keys are there, they are saved in any case.
   */
  signal?: AbortSignal;
}

/** How to log in, and where the keys go. */
export interface StartLoginOptions extends BeginLoginOptions, Heard {
  /** How long the person may take; five minutes unless set. */
  loginTimeoutMs?: number;
  /** Whether to open the browser; `true` unless set. The address is an event in any case. */
  openBrowser?: boolean;
  /** Logs in even if the keys in the file still work. */
  force?: boolean;
}

/** How to log in, and where the keys go. */
export interface LoginOptions extends StartLoginOptions {
  /** Shows the address to somebody: without it, the login fails with `login_unattended`. */
  onEvent: OnEvent;
}

/** A login that is done. */
export interface LoginResult {
  /** Whose the keys are; `null` if the server did not tell in time. */
  organization: Organization | null;
  /** The environments whose keys are in the file. */
  environments: Environment[];
  /** These keys. */
  keys: ApiKey[];
  /** What was saved; `null` if the keys that were there still work and were kept. */
  saved: SaveResult | null;
}

/**
 * Logs in, unless the keys that are there still work: shows the address through `onEvent`, opens the browser, waits for
 * it to come back, and saves the keys in `.env`. The process stays alive while it waits, and may end after.
 *
 * @throws {@link AtmnError} `login_unattended`: there is no listener; `ports_in_use`: none of the five callback ports
 * is free; `login_denied`, `timed_out`, `state_mismatch`: there was no answer to go on with; `exchange_refused`,
 * `exchange_unreadable`, `keys_refused`, `organization_changed`, or as for any request: no keys were saved. As {@link
 * saveKeys}, before anybody is asked to log in.
 *
 * @example
 * import { login, terminalListener } from 'libatmn';
 *
 * const { organization, saved } = await login({
 *   onEvent: terminalListener(),
 *   signal: AbortSignal.timeout(90_000),
 * });
 * console.log(`Logged in to ${organization?.name ?? 'Autumn'}: ${saved?.path ?? 'the keys were kept'}`);
 */
export function login(options: LoginOptions): Promise<LoginResult>;

/**
 * Takes a callback port and makes the address for the browser, for programs that show it themselves. Nothing moves
 * before {@link LoginAttempt.wait}.
 *
 * @throws {@link AtmnError} `ports_in_use`; as {@link saveKeys}: the keys could not be saved.
 *
 * @example
 * import { startLogin } from 'libatmn';
 *
 * const attempt = startLogin({ loginTimeoutMs: 120_000 });
 * console.error(`Log in at ${attempt.url} until ${attempt.deadline.toLocaleTimeString()}.`);
 * const { environments } = await attempt.wait();
 * console.log(environments);
 */
export function startLogin(options?: StartLoginOptions): LoginAttempt;

/**
 * A login under way. It owns its callback port; when the last reference is gone, or its process or worker ends, the
 * port is free.
 */
export class LoginAttempt {
  private constructor();
  /** The address to log in at; for the person alone, so the attempt does not print it. */
  readonly url: string;
  /** The callback port. */
  readonly port: number;
  /** The one piece of advice that fits these surroundings, such as the `ssh -L` line. */
  readonly hint: string | null;
  /** When the wait ends. */
  readonly deadline: Date;
  /**
   * Takes what a person pasted: the address that the browser ended at, its query, or the code alone. Refused text
   * changes nothing, and the wait goes on.
   *
   * @throws `TypeError` (`invalid_argument`): it is no answer, or a key; {@link AtmnError} `state_mismatch`: it is the
   * answer to another login.
   */
  submit(text: string): void;
  /**
   * Ends the login; {@link wait} rejects with `cancelled`. An attempt that does not wait yet frees its port at once.
   */
  cancel(): void;
  /**
   * Opens the browser, serves the callback, and finishes the login. Every call gives the same promise. Errors as {@link
   * login}.
   */
  wait(): Promise<LoginResult>;
}

/** A login that waits to be completed. */
export interface PendingLogin {
  /** The address to log in at; for the person alone. */
  url: string;
  /** Until when it can be completed. */
  deadline: Date;
  /** Ready to print beside the address: what to do, and what not. */
  note: string;
}

/**
 * Makes the address for a login that {@link completeLogin} finishes, within ten minutes and perhaps in another process.
 * What that needs is kept in a private file; no port is taken, and no browser opens.
 *
 * @throws {@link AtmnError} `file_unwritable`: there is no private directory to keep it in; as {@link saveKeys}.
 *
 * @example
 * import { beginLogin } from 'libatmn';
 *
 * const { url, note } = beginLogin();
 * console.log(`${url}\n${note}`);
 */
export function beginLogin(options?: BeginLoginOptions): PendingLogin;

/** What can be heard of the completion of a login, and how long it may take. */
export interface CompleteLoginOptions extends Heard {
  /** How long the exchange may take; thirty seconds at most. */
  loginTimeoutMs?: number;
}

/**
 * Finishes a login that {@link beginLogin} began, with the address that the browser ended at, its query, or, if exactly
 * one login is waiting, the code alone. Server and directory are those of the beginning.
 *
 * @throws {@link AtmnError} `no_pending_login`: there is none that the text belongs to, or its ten minutes have passed;
 * `state_mismatch`; as {@link login}. `TypeError` (`invalid_argument`): the text is no answer.
 *
 * @example
 * import { completeLogin } from 'libatmn';
 *
 * const pasted = process.argv[2];
 * if (pasted) console.log((await completeLogin(pasted)).saved?.path);
 */
export function completeLogin(text: string, options?: CompleteLoginOptions): Promise<LoginResult>;

/** Which key to ask about, and whom. */
export interface WhoamiOptions extends ResolveOptions {
  server?: 'cloud' | 'local' | (string & {});
  /** How long the request may take in all; thirty seconds unless set. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** Whose a key is, and where it was found. */
export interface Identity {
  organization: Organization;
  /** The base address of the server that said so. */
  server: string;
  /** The key; it knows its environment. */
  key: ApiKey;
  /** The place it came from. */
  source: Location;
  /** Places that were passed over although they may hold a key. */
  skipped: Location[];
}

/**
 * Finds the key in force, as {@link resolveKey} does, and asks the server whose it is. One request, not repeated.
 *
 * @throws as {@link resolveKey}; {@link ApiError} `unauthorized`, `invalid_secret_key`: the server does not accept the
 * key; `api_error`: any other failure of the server's; {@link AtmnError} `resolve_failed`, `connect_failed`,
 * `tls_failed`, `proxy_failed`, `request_timed_out`, `connection_lost`, `response_too_large`, `response_unreadable`:
 * there was no answer to speak of; `endpoint_not_public`: the key is a publishable one.
 *
 * @example
 * import { whoami } from 'libatmn';
 *
 * const { organization, key, source } = await whoami();
 * console.log(`${organization.name} (${key.environment}), by ${source.text}`);
 */
export function whoami(options?: WhoamiOptions): Promise<Identity>;

/**
 * Whether a rejected key may lead to a login: `never`; `auto`: with Autumn's own server, a listener and terminals, and
 * not in automation (`CI` and the like); `always`: with a listener. `ATMN_DISABLE_AUTH_RECOVERY=1` forbids it in any
 * case.
 */
export type Reauth = 'never' | 'auto' | 'always';

/** How a client is to behave. */
export interface ClientOptions extends ResolveOptions {
  /** The server to call; a key is sent nowhere else. */
  server?: 'cloud' | 'local' | (string & {});
  /** How long each try may take; thirty seconds unless set. */
  timeoutMs?: number;
  /** How large an answer may be, in bytes after decompression; 64 MiB unless set. */
  responseLimit?: number;
  /** Whether a rejected key may lead to a login; `never` unless set. */
  reauth?: Reauth;
  /**
   * The organization expected, by id or short name; keys of another one are neither saved nor used after a rejected
   * key. Unless set, the one that the client met last.
   */
  organization?: string;
  /** How long the person may take to log in; five minutes unless set. */
  loginTimeoutMs?: number;
  /** Whether a login opens the browser; `true` unless set. */
  openBrowser?: boolean;
  /** Hears the events of all calls. A login needs it, since somebody has to see the address. */
  onEvent?: OnEvent;
}

/** Names with one value or several, or pairs of both, such as `URLSearchParams` and `Headers`. */
export type Pairs =
  | Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>
  | Iterable<readonly [string, string]>;

/** What is sent beside method and path. */
export interface RequestOptions {
  query?: Pairs;
  /** Further headers. Those that belong to the client, such as `Authorization` and `Host`, are refused. */
  headers?: Pairs;
  /** The body as data; not together with `body`. */
  json?: unknown;
  /** The body as it is; its type is `application/json` unless `contentType` says otherwise. */
  body?: Uint8Array | string;
  contentType?: string;
  /** Says that requests with the same text count once; such a request is repeated whatever its method. */
  idempotencyKey?: string;
  /** Ends the call, and its share in a login; the promise rejects with `signal.reason`. */
  signal?: AbortSignal;
}

/** An answer with a status of 2xx; all others are errors. */
export interface ApiResponse {
  readonly status: number;
  /** By name in small letters; several of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body, decompressed. */
  readonly body: Uint8Array;
  /** The body as text (UTF-8). */
  text(): string;
  /** The body as data. @throws `SyntaxError` if it is no JSON. */
  json<T = unknown>(): T;
}

/**
 * Calls one server with the key in force, which is looked for with every call. Calls share connections and logins.
 *
 * @example
 * import { Client, terminalListener } from 'libatmn';
 *
 * const client = new Client({ reauth: 'auto', onEvent: terminalListener() });
 * const response = await client.request('GET', '/v1/customers', { query: { limit: 10 } });
 * console.log(response.status, response.json());
 */
export class Client {
  /** No key is read and no connection made before the first call. */
  constructor(options?: ClientOptions);
  /**
   * Calls the API, and answers what the server says if that is 2xx. A request that may be repeated is, up to four times
   * within thirty seconds; a `POST` or `PATCH` that may have arrived only with an `idempotencyKey`. A secret key that
   * the server rejects is looked for once more; if it is still the same, and `reauth` allows it, one login is made for
   * all who wait, and the request is made again once.
   *
   * @throws as {@link resolveKey}; {@link ApiError} `api_error`, `unauthorized` or the server's own code; {@link
   * AtmnError} `login_needed`: the key was rejected and no login is allowed; `organization_changed`,
   * `wrong_environment`: the new key is another one's; `endpoint_not_public`: a publishable key cannot make this call,
   * and nothing is sent; as {@link login}; `resolve_failed`, `connect_failed`, `tls_failed`, `proxy_failed`: the
   * request did not arrive; `connection_lost`, `request_timed_out`, `response_too_large`, `response_unreadable`: it may
   * have arrived.
   */
  request(method: string, path: string, options?: RequestOptions): Promise<ApiResponse>;
  /**
   * A key in place of one that was rejected, for programs that make their calls by other means: does what {@link
   * request} does about a 401.
   *
   * @throws as {@link request}; `wrong_key_kind`: the key is a publishable one; `unauthorized`: the key comes from a
   * place that a login cannot change.
   */
  reauthenticate(rejected: ApiKey | string, options?: { signal?: AbortSignal }): Promise<ResolvedKey>;
  /**
   * Takes what a person pasted for the login that is under way, as {@link LoginAttempt.submit}.
   *
   * @throws {@link AtmnError} `no_pending_login`: no login of this client waits for one.
   */
  submit(text: string): void;
}

/**
 * A request that came in: Node's `IncomingMessage` (and what Express and others make of it), fetch's `Request`, or a
 * plain object. If there are several Authorization headers, none of them counts.
 */
export interface IncomingRequest {
  readonly method?: string | undefined;
  /** The path, with or without its query. */
  readonly path?: string | undefined;
  /** Path or address; comes before `path`. */
  readonly url?: string | undefined;
  /** The path before routers rewrote it; comes before `url`. */
  readonly originalUrl?: string | undefined;
  readonly headers:
    | Readonly<Record<string, string | readonly string[] | undefined>>
    | { get(name: string): string | null };
  /** As Node keeps them; come before `headers`, from which Node has dropped duplicates. */
  readonly rawHeaders?: readonly string[] | undefined;
}

/** What a request claims to be allowed by. Nothing of it is proved yet. */
export interface Credential {
  kind: KeyKind | 'dashboard';
  environment: Environment | null;
  /** `null` for a session of Autumn's dashboard, which has to be checked by its own means, such as a cookie. */
  key: ApiKey | null;
}

/** How {@link authenticate} goes about it. */
export interface AuthenticateOptions {
  /** What this endpoint accepts; `any` unless set. */
  accepts?: Accepts;
  /** Hears of every refusal (`request_refused`), for security logs. */
  onEvent?: OnEvent;
}

/**
 * Tells who sent a request: reads its credential and asks `verify`, without which nothing is accepted. `verify` answers
 * who it is, `null`, `undefined` or `false` for unknown, and throws when it cannot tell.
 *
 * @throws {@link AuthenticationError} with one of the eight {@link AuthenticationCode}s; what `verify` threw is its
 * `cause`.
 *
 * @example
 * import { createServer } from 'node:http';
 * import { AuthenticationError, authenticate } from 'libatmn';
 *
 * const customers = new Map([['am_sk_test_0123456789ab', { name: 'Copper Kettle' }]]);
 * createServer(async (request, response) => {
 *   try {
 *     const who = await authenticate(request, ({ key }) => key && customers.get(key.reveal()));
 *     response.end(`Hello ${who.name}`);
 *   } catch (error) {
 *     if (!(error instanceof AuthenticationError)) throw error;
 *     response.writeHead(error.status, { 'content-type': 'application/json' }).end(JSON.stringify(error.body));
 *   }
 * });
 */
export function authenticate<P>(
  request: IncomingRequest,
  verify: (credential: Credential) => P | Promise<P>,
  options?: AuthenticateOptions,
): Promise<Exclude<P, null | undefined | false>>;

/** The version of the package. */
export const version: string;
