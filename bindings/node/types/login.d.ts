import type { CheckOutcome, CheckSubject, Environment } from '../enumerations.js';
import type { AbortSignalLike, CallOptions, OnEvent } from './events.js';
import type { ApiKey, Location, ResolveOptions, SaveOptions, SaveResult, ServerOption } from './keys.js';

/** An organization. */
export interface Organization {
  /** `null` if the server does not report it, as older servers do. */
  id: string | null;
  name: string;
  /** The short name that appears in URLs. */
  slug: string;
}

/** The options of every login. */
export interface BeginLoginOptions extends SaveOptions {
  /** Cancels the call. */
  signal?: AbortSignalLike | undefined;
  /** Replace both keys, even one that still works. */
  force?: boolean | undefined;
  /** By default `ATMN_BACKEND_URL`, or `cloud` if that is not set. */
  server?: ServerOption | undefined;
  /** Save only the sandbox key. The server creates both. */
  sandboxOnly?: boolean | undefined;
  /** The expected organization, by id or slug, byte for byte. Keys of another organization are neither saved nor kept. */
  organization?: string | undefined;
  /**
   * The scopes of the new keys: any of those that a login can have, which {@link serverInfo} lists; all by default.
   * Another scope throws before the browser opens.
   */
  scopes?: readonly string[] | undefined;
}

/** The options of {@link startLogin}. */
export interface StartLoginOptions extends BeginLoginOptions, CallOptions {
  /** How long the user may take; five minutes by default. */
  loginTimeoutMs?: number | undefined;
  /** Whether to open the browser; `true` by default. The login URL is also an event. */
  openBrowser?: boolean | undefined;
}

/** What a login uses of a readable stream. Declared here, so that the types need no `@types/node`. */
export interface InputStream {
  on(event: string, listener: (chunk: unknown) => void): unknown;
  off(event: string, listener: (chunk: unknown) => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/** The options of {@link login}. */
export interface LoginOptions extends StartLoginOptions {
  /** Shows the login URL to the user. Without a listener, the login fails with `login_unattended`. */
  onEvent: OnEvent;
  /**
   * Where the user can paste the callback URL, if the browser cannot come back to this machine: `process.stdin`. While the
   * login waits, its lines are submitted, and a terminal does not show them. The event `hint` answers a line that is not the
   * callback URL. Afterwards the stream is as it was before. Without it, no hint and no event asks the user to paste.
   */
  input?: InputStream | undefined;
}

/** The result of a login. */
export interface LoginResult {
  /** The organization of the keys; `null` if the server did not report it in time. */
  organization: Organization | null;
  /** The environments of `keys`. */
  environments: Environment[];
  /**
   * The keys that were saved, and the existing ones that still work and were kept. A key that the user writes into the
   * file during the login is not among them.
   */
  keys: ApiKey[];
  /**
   * What was saved, which is about the new keys alone; its note names a key that works and was kept. `null` if all
   * existing keys still work and were kept.
   */
  saved: SaveResult | null;
  /** The scopes that all of the keys have, as the server has sent them; `null` if it has sent none. */
  scopes: string[] | null;
}

/**
 * Logs in, unless the existing keys still work: passes the login URL to `onEvent`, opens the browser, waits for the
 * callback, and saves the keys in `.env`. The process stays alive while the login waits. It waits wherever it is called,
 * also in CI, where no user may see the URL.
 *
 * Each key that still works is kept, unless `force` is set. If the other one is missing or rejected, only that one is
 * saved, and only for the organization of the kept key. If another login for the same file is in progress, this one
 * waits for it, which the event `login_waiting` reports, and then keeps its keys.
 *
 * @throws {@link AtmnError} `login_unattended` without a listener; `ports_in_use` if none of the five callback ports is
 * free; `login_denied`, `timed_out` or `state_mismatch` if the user did not approve; `exchange_refused`,
 * `exchange_unreadable`, `keys_refused`, `organization_changed`, or an error of a request if the server sent no keys to
 * save. Errors of {@link saveKeys} are thrown before the user is asked to log in.
 *
 * @example
 * import { login, terminalListener } from 'libatmn';
 *
 * const { organization, saved } = await login({
 *   onEvent: terminalListener(),
 *   signal: AbortSignal.timeout(90_000),
 * });
 * console.log(`Logged in to ${organization?.name ?? 'Autumn'}: ${saved?.path ?? 'kept the existing keys'}`);
 */
export function login(options: LoginOptions): Promise<LoginResult>;

/**
 * Starts a login for programs that show the login URL themselves. It reserves a callback port and does not wait for the
 * user; the login continues with {@link LoginAttempt.wait}. It returns a promise because git may delay it.
 *
 * @throws {@link AtmnError} `ports_in_use`; as {@link saveKeys} if the keys could not be saved.
 *
 * @example
 * import { startLogin } from 'libatmn';
 *
 * const attempt = await startLogin({ loginTimeoutMs: 120_000 });
 * console.error(`Log in at ${attempt.url} until ${attempt.deadline.toLocaleTimeString()}.`);
 * const { environments } = await attempt.wait();
 * console.log(environments);
 */
export function startLogin(options?: StartLoginOptions): Promise<LoginAttempt>;

/**
 * A login in progress. It owns a callback port, which becomes free when the login ends, when the attempt is garbage
 * collected, or when its process or worker ends.
 */
export class LoginAttempt {
  private constructor();
  /** The URL where the user logs in. Show it only to that user; the attempt does not print it. */
  readonly url: string;
  /** The callback port. */
  readonly port: number;
  /** Advice for this environment, such as the `ssh -L` command to run; `null` if there is none. */
  readonly hint: string | null;
  /** When the login times out. */
  readonly deadline: Date;
  /**
   * Submits the text that the user pasted: the callback URL from the browser, its query, or only the code. A text
   * that is refused changes nothing, and the attempt keeps waiting.
   *
   * @throws {@link AtmnError} `invalid_argument` if the text is not a callback URL, or is a key; `state_mismatch` if it
   * belongs to another login; `no_pending_login` if the attempt has ended.
   */
  submit(text: string): void;
  /**
   * Ends the login; {@link wait} rejects with `cancelled`. If the attempt does not wait yet, its port is free at once.
   * After the event `keys_received` it has no effect: the keys are saved, and {@link wait} resolves.
   */
  cancel(): void;
  /**
   * Opens the browser, waits for the callback, and finishes the login. Every call returns the same promise. It rejects
   * as {@link login}.
   */
  wait(): Promise<LoginResult>;
}

/** A login that {@link completeLogin} can complete. */
export interface PendingLogin {
  /** The URL where the user logs in. Show it only to that user. */
  url: string;
  /** Until when the login can be completed. */
  deadline: Date;
  /** Ready to print next to the URL: what to do and what not. */
  note: string;
}

/**
 * Begins a login that {@link completeLogin} completes within ten minutes, possibly in another process. The data that it
 * needs is in a private file. The URL names a port that is free now; this reserves no port and opens no browser.
 * Each key in the file that still works is kept, unless `force` is set; if both work, nothing is pending.
 *
 * @throws {@link AtmnError} `file_unwritable` if there is no private directory for the file; as {@link login} before the
 * user logs in.
 *
 * @example
 * import { beginLogin } from 'libatmn';
 *
 * const result = await beginLogin();
 * console.log('url' in result ? `${result.url}\n${result.note}` : 'The keys still work.');
 */
export function beginLogin(options?: BeginLoginOptions): Promise<PendingLogin | LoginResult>;

/** The options of {@link completeLogin}. */
export interface CompleteLoginOptions extends CallOptions {
  /** How long the exchange with the server may take; at most thirty seconds. */
  loginTimeoutMs?: number | undefined;
}

/**
 * Completes a login that {@link beginLogin} began, with the callback URL from the browser, its query, or, if exactly
 * one login is pending, only the code. Server and directory are those of {@link beginLogin}.
 *
 * @throws {@link AtmnError} `no_pending_login` if the text belongs to no pending login, its ten minutes are over, or its
 * directory no longer exists; `state_mismatch`; `invalid_argument` if the text is not a callback URL; as {@link login}.
 *
 * @example
 * import { completeLogin } from 'libatmn';
 *
 * const pasted = process.argv[2];
 * if (pasted) console.log((await completeLogin(pasted)).saved?.path);
 */
export function completeLogin(text: string, options?: CompleteLoginOptions): Promise<LoginResult>;

/** The options of {@link serverInfo}. */
export interface ServerInfoOptions {
  /** By default `ATMN_BACKEND_URL`, or `cloud` if that is not set. */
  server?: ServerOption | undefined;
}

/** The URLs of a server, and what a login asks of it. */
export interface ServerFacts {
  /** The base URL of the API, without a trailing slash. */
  apiUrl: string;
  /** The URL of the dashboard, where keys are created and revoked; `null` for a custom server. A local one may not run. */
  dashboardUrl: string | null;
  /** The scopes that a login can have. */
  scopes: string[];
  /** The OAuth client id of a login. */
  clientId: string;
}

/**
 * Returns the URLs of a server, the scopes that a login can have, and the OAuth client id. It makes no request.
 *
 * @throws {@link AtmnError} `invalid_argument` if the server is not one.
 *
 * @example
 * import { serverInfo } from 'libatmn';
 *
 * const { apiUrl, dashboardUrl } = serverInfo(); // a custom server has no known dashboard
 * console.log(`Create keys at ${dashboardUrl ?? apiUrl}`);
 */
export function serverInfo(options?: ServerInfoOptions): ServerFacts;

/** The options of {@link diagnose}. */
export interface DiagnoseOptions {
  /** The directory of the project; by default the working directory. */
  directory?: string | undefined;
  /** By default `ATMN_BACKEND_URL`, or `cloud` if that is not set. */
  server?: ServerOption | undefined;
  /** Check this machine only, and make no request. */
  offline?: boolean | undefined;
  /** How long each request may take; fifteen seconds by default. */
  timeoutMs?: number | undefined;
  signal?: AbortSignalLike | undefined;
}

/** One check of a {@link Diagnosis}. */
export interface Check {
  /** What it is about. */
  subject: CheckSubject;
  outcome: CheckOutcome;
  /** What was found, as a sentence. Keys in it are masked. */
  message: string;
  /** What the user can do; `null` if nothing is wrong, or if the message says it. */
  hint: string | null;
}

/** The result of {@link diagnose}. */
export interface Diagnosis {
  /** The checks, in the order in which they were made. A subject can have several. */
  checks: Check[];
}

/**
 * Checks what a login and a call need: programs called `atmn`, the callback ports, the browser, git, the files and their
 * rights, the keys; then, without `offline`, the server, and whether it accepts the keys. It changes nothing, and opens
 * no browser. What is wrong is in the result.
 *
 * @throws {@link AtmnError} `invalid_argument` if an option is invalid.
 *
 * @example
 * import { diagnose } from 'libatmn';
 *
 * const { checks } = await diagnose({ offline: true });
 * for (const { subject, outcome, message } of checks) console.log(outcome, subject, message);
 */
export function diagnose(options?: DiagnoseOptions): Promise<Diagnosis>;

/** The key to ask about, and the server to ask. */
export interface WhoamiOptions extends ResolveOptions {
  server?: ServerOption | undefined;
  /** How long the request may take; thirty seconds by default. */
  timeoutMs?: number | undefined;
  signal?: AbortSignalLike | undefined;
}

/** A key, its organization, and the location where it was found. */
export interface Identity {
  organization: Organization;
  /** The base URL of the server. */
  server: string;
  key: ApiKey;
  /** The location of the key. */
  source: Location;
  /** Locations that were skipped although they may have a key. */
  skipped: Location[];
  /** The scopes of the key, as the server sent them when a login on this machine created it; `null` for other keys. */
  scopes: string[] | null;
}

/**
 * Finds the active key, as {@link resolveKey} does, and asks the server for its organization. It makes one request and
 * does not retry it.
 *
 * @throws as {@link resolveKey}; {@link ApiError} `unauthorized` or `invalid_secret_key` if the server does not accept
 * the key, `api_error` for other failures of the server; {@link AtmnError} `resolve_failed`, `connect_failed`,
 * `tls_failed`, `proxy_failed`, `request_timed_out`, `connection_lost`, `response_too_large` or `response_unreadable`
 * without a usable answer; `endpoint_not_public` for a publishable key.
 *
 * @example
 * import { whoami } from 'libatmn';
 *
 * const { organization, key, source } = await whoami();
 * console.log(`${organization.name} (${key.environment}), from ${source.text}`);
 */
export function whoami(options?: WhoamiOptions): Promise<Identity>;
