/**
 * Middleware that refuses requests without a valid key, for Express, Hono and handlers of fetch's `Request`.
 *
 * @module libatmn/middleware
 */

import type { AuthenticateOptions, Credential, IncomingNodeRequest, IncomingUrlRequest } from './authenticate.js';
import type { FetchResponse } from './client.js';
import type { AuthenticationError } from './errors.js';

/** Returns who owns a credential, or a falsy value, such as `null`, for an unknown one, as in `authenticate`. */
export type Verify<P> = (
  credential: Credential,
) => P | null | undefined | false | Promise<P | null | undefined | false>;

/** Options of the middleware. Wrong ones throw when the middleware is made. */
export interface MiddlewareOptions extends AuthenticateOptions {
  /**
   * Receives the refusal of a request for which `verify` threw, for a log; its `cause` is what `verify` threw, whose
   * message may hold the key. The client gets 401 without it, and nothing is logged unless `onEvent` does. If `onError`
   * throws, the framework gets that error.
   */
  readonly onError?: ((error: AuthenticationError) => unknown) | undefined;
}

/** What {@link expressMiddleware} uses of Express's response. */
export interface ExpressResponse {
  locals: Record<string, unknown>;
  status(code: number): this;
  set(headers: Readonly<Record<string, string>>): this;
  json(body: unknown): unknown;
}

/** What {@link honoMiddleware} uses of Hono's context. */
export interface HonoContext {
  readonly req: { readonly raw: IncomingUrlRequest };
}

/**
 * Middleware for Express: refuses a request with 401 and the JSON body of the refusal, or puts its owner into
 * `response.locals.principal`.
 *
 * @example
 * import express from 'express';
 * import { expressMiddleware } from 'libatmn/middleware';
 *
 * const customers = new Map([['am_sk_test_0123456789ab', 'Copper Kettle']]);
 * const app = express();
 * app.use('/v1', expressMiddleware(({ key }) => key && customers.get(key.reveal())));
 * app.get('/v1/hello', (_, response) => void response.send(`Hello ${response.locals.principal}`));
 */
export function expressMiddleware<P>(
  verify: Verify<P>,
  options?: MiddlewareOptions,
): (request: IncomingNodeRequest, response: ExpressResponse, next: (error?: unknown) => void) => Promise<void>;

/**
 * Middleware for Hono: refuses a request with 401 and the JSON body of the refusal, or sets its owner as the variable
 * `principal`.
 *
 * @example
 * import { Hono } from 'hono';
 * import { honoMiddleware } from 'libatmn/middleware';
 *
 * const customers = new Map([['am_sk_test_0123456789ab', 'Copper Kettle']]);
 * const app = new Hono();
 * app.use('/v1/*', honoMiddleware(({ key }) => key && customers.get(key.reveal())));
 * // context.get('principal') is the customer; declare it in Hono's Variables.
 * app.get('/v1/hello', (context) => context.text('Hello'));
 */
export function honoMiddleware<P>(
  verify: Verify<P>,
  options?: MiddlewareOptions,
): (context: HonoContext, next: () => Promise<void>) => Promise<FetchResponse | undefined>;

/**
 * Wraps a handler of fetch's `Request` and `Response`, as Next.js, Bun, Deno and others take them: it refuses a request
 * with 401 and the JSON body of the refusal, or passes its owner to the handler as the second argument.
 *
 * @example
 * import { fetchMiddleware } from 'libatmn/middleware';
 *
 * const customers = new Map([['am_sk_test_0123456789ab', 'Copper Kettle']]);
 * const GET = fetchMiddleware(
 *   (_request, customer) => new Response(`Hello ${customer}`),
 *   ({ key }) => key && customers.get(key.reveal()),
 * );
 * console.log((await GET(new Request('https://shop.example/v1/hello'))).status); // 401
 */
export function fetchMiddleware<P, R, Q extends { readonly method: string; readonly url: string }, A extends unknown[]>(
  handler: (request: Q, principal: P, ...others: A) => R | Promise<R>,
  verify: Verify<P>,
  options?: MiddlewareOptions,
): (request: Q, ...others: A) => Promise<R>;
