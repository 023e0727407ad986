import type { Accepts, Environment, KeyKind } from '../enumerations.js';
import type { OnEvent } from './events.js';
import type { ApiKey } from './keys.js';

/** An object with a text or a list of texts for each header, or fetch's `Headers`. */
export type IncomingHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | { get(name: string): string | null };

/** Node's `IncomingMessage`, also of Express and others. */
export interface IncomingNodeRequest {
  readonly method?: string | undefined;
  /** The path before routers changed it, as Express keeps it; it takes precedence over `url`. */
  readonly originalUrl?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHeaders;
  /** The raw headers take precedence over `headers`, from which Node has dropped duplicates. */
  readonly rawHeaders: readonly string[];
}

/** Fetch's `Request`, or a plain object. */
export interface IncomingUrlRequest {
  readonly method: string;
  /** The path or the whole URL, with or without the query. */
  readonly url: string;
  readonly headers: IncomingHeaders;
}

/** A plain object. */
export interface IncomingPathRequest {
  readonly method: string;
  /** The path, with or without the query. */
  readonly path: string;
  readonly headers: IncomingHeaders;
}

/** A request that a server received. A request with several `Authorization` headers is refused. */
export type IncomingRequest = IncomingNodeRequest | IncomingUrlRequest | IncomingPathRequest;

/** The credential of a request. It has not been verified yet. */
export interface Credential {
  kind: KeyKind | 'dashboard';
  environment: Environment | null;
  /** `null` for a session of Autumn's dashboard, which `verify` has to check by other means, such as a cookie. */
  key: ApiKey | null;
}

/** The options of {@link authenticate}. */
export interface AuthenticateOptions {
  /** Which credentials this endpoint accepts; `any` by default. */
  accepts?: Accepts | undefined;
  /** Receives an event (`request_refused`) for each refusal, for security logs. */
  onEvent?: OnEvent | undefined;
}

/**
 * Authenticates a request: reads its credential and passes it to your `verify`, which alone can accept a request.
 * `verify` returns the principal, or a falsy value, such as `null`, `false` or a count of 0, for an unknown credential. It
 * throws if it cannot verify.
 *
 * @throws {@link AuthenticationError} with one of the eight {@link AuthenticationCode}s. The error that `verify` threw is
 * its `cause`.
 *
 * @example
 * import { createServer } from 'node:http';
 * import { AuthenticationError, authenticate } from 'libatmn';
 *
 * const customers = new Map([['am_sk_test_0123456789ab', { name: 'Copper Kettle' }]]);
 * createServer(async (request, response) => {
 *   try {
 *     const customer = await authenticate(request, ({ key }) => key && customers.get(key.reveal()));
 *     response.end(`Hello ${customer.name}`);
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
): Promise<Exclude<P, null | undefined | false | 0 | 0n | ''>>;
