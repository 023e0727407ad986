/**
 * A local Autumn for your tests, in the process of the test.
 *
 * @module libatmn/testing
 */

import type { Environment } from '../enumerations.js';
import type { Client, ClientOptions } from './client.js';
import type { OnEvent } from './events.js';
import type { ApiKey } from './keys.js';

/** A request that a {@link LocalAutumn} received. */
export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** A running local Autumn. All data is in memory, and is lost when it stops. */
export interface LocalAutumn {
  /** The base URL, for `server` and `ATMN_BACKEND_URL`. */
  readonly url: string;
  /** A secret key that works. */
  secretKey(environment?: Environment): Promise<ApiKey>;
  /** A client of this server, with a key that works unless the options name a key or a directory. */
  client(options?: ClientOptions): Promise<Client>;
  /** Revokes a key: every call with it is answered with 401 from now on. */
  revoke(key: ApiKey | string): Promise<void>;
  /** Plays the user, as the listener of a login or a client: approves each login. It is bound. */
  readonly onEvent: OnEvent;
  /** Logs in at a login URL as a user does, and follows the browser back to the program. */
  approve(loginUrl: string): Promise<void>;
  /** Denies a login. */
  deny(loginUrl: string): Promise<void>;
  /** Answers the next requests for a path with a status and a body, instead of handling them. */
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
  /** Forgets what `answer` and `delay` have planned. */
  reset(): Promise<void>;
  /** All requests so far. */
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
