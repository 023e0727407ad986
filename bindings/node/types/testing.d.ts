/**
 * A local Autumn for your tests, in the process of the test.
 *
 * @module libatmn/testing
 */

import type { Environment } from '../enumerations.js';
import type { Client, ClientOptions } from './client.js';
import type { OnEvent } from './events.js';
import type { ApiKey } from './keys.js';

/** A request that a {@link LocalAutumn} received. Keys, tokens and credentials in it are masked. */
export interface LoggedRequest {
  readonly method: string;
  /** The path without its query. */
  readonly path: string;
  /** The query of an API request without `?`, for `URLSearchParams`; empty if there is none. */
  readonly query: string;
  /** The headers by their names in lower case; `referer` has no query. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body of an API request; empty if there is none. */
  readonly body: string;
  /** The status of the response, or 0 if there was none. */
  readonly status: number;
}

/**
 * A running local Autumn. All data is in memory, and is lost when it stops.
 *
 * Its methods throw what the library throws: a `TypeError` for an argument of a wrong type, `AtmnError`
 * `invalid_argument` for one that the server refuses, and a failed request (`connect_failed`, …) once it has stopped.
 */
export interface LocalAutumn {
  /** The base URL, for `server` and `ATMN_BACKEND_URL`. */
  readonly url: string;
  /** A secret key that works and has all scopes: of the sandbox, and of the organization `night-library`, by default. */
  secretKey(environment?: Environment, options?: { organization?: string | undefined }): Promise<ApiKey>;
  /**
   * The environment variables with which a program uses this server and a key that has all scopes. This process keeps its
   * own: pass them to a child process, as in `{ ...process.env, ...(await autumn.variables()) }`.
   */
  variables(options?: {
    environment?: Environment | undefined;
    organization?: string | undefined;
  }): Promise<{ ATMN_BACKEND_URL: string; AUTUMN_SECRET_KEY: string }>;
  /** A client of this server, with a key that works unless the options name a key or a directory. */
  client(options?: ClientOptions): Promise<Client>;
  /** Revokes a key: every call with it is answered with 401 from now on. */
  revoke(key: ApiKey | string): Promise<void>;
  /**
   * A listener for a login or a client that approves each login for `night-library`. A URL that the server
   * refuses ends the login, and so does a file with keys that this server did not create. It is bound.
   */
  readonly onEvent: OnEvent;
  /** Logs in at a login URL as a user does who chooses an organization, and follows the browser back to the program. */
  approve(loginUrl: string, options?: { organization?: string | undefined }): Promise<void>;
  /** Denies a login. */
  deny(loginUrl: string): Promise<void>;
  /**
   * Answers the next requests for a path (without its query) with a status and a body, instead of handling them. A body
   * that is no string is sent as JSON.
   */
  answer(
    path: string,
    answer: {
      status: number;
      body?: unknown;
      headers?: Readonly<Record<string, string>> | undefined;
      count?: number | undefined;
    },
  ): Promise<void>;
  /** Delays the answers to the next requests for a path. */
  delay(path: string, milliseconds: number, options?: { count?: number | undefined }): Promise<void>;
  /** Forgets what `answer` and `delay` have planned, and the requests so far: for tests that share a server. */
  reset(): Promise<void>;
  /** The last thousand requests since the last `reset`, the oldest first. */
  requests(): Promise<LoggedRequest[]>;
  /** Stops the server. */
  stop(): Promise<void>;
}

/**
 * Starts an Autumn for your tests, with made-up people, organizations, customers and plans. It answers what Autumn's SDKs
 * call first, and refuses a customer who runs out of credits. Nothing leaves this machine. The server runs on a thread of
 * this process, on a free port, and does not keep the process alive.
 *
 * @throws `AtmnError` with the code `system_limit` if the system gives this process no port or thread.
 *
 * @example
 * import { startAutumn } from 'libatmn/testing';
 *
 * const autumn = await startAutumn();
 * try {
 *   const client = await autumn.client();
 *   console.log((await client.request('GET', '/v1/customers')).status);
 * } finally {
 *   await autumn.stop();
 * }
 */
export function startAutumn(): Promise<LocalAutumn>;
