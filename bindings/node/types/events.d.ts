import type { EventCode, EventContexts } from '../enumerations.js';

/** An event with one code. */
export interface EventOf<C extends EventCode> {
  readonly code: C;
  /** Ready to print. */
  readonly message: string;
  /** The values in the message: `url`, `port`, `path`, … */
  readonly context: EventContexts[C];
}

/**
 * Something that happened during a call. It never contains a secret. The code decides which context the event has.
 *
 * @example
 * import { Client } from 'libatmn';
 *
 * const client = new Client({
 *   onEvent: (event) => {
 *     if (event.code === 'retrying') console.error(`Try ${event.context.attempt} in ${event.context.pause_ms} ms.`);
 *   },
 * });
 * console.log((await client.request('GET', '/v1/customers')).status);
 */
export type AtmnEvent = { [C in EventCode]: EventOf<C> }[EventCode];

/**
 * Receives the events of a call, on JavaScript's thread and in the caller's `AsyncLocalStorage` context. Events arrive
 * one after the other, all of them before the promise of the call settles. If the listener returns a promise, the next
 * event and the end of the call wait for it, but no longer than `loginTimeoutMs`, and not at all once the call is
 * cancelled or the deadline of its login has passed. If it throws, or its promise rejects, the call is cancelled and
 * rejects with that error.
 *
 * A login waits at `callback_received` until the listener has handled this event: if it throws, the server creates no
 * keys, unless another call of the client takes over the login. A listener that is still busy with an earlier event is
 * not waited for. `completeLogin` has no such event. After `keys_received`, the new keys are saved, also if the listener
 * throws and the call rejects.
 *
 * A listener must not wait for the call or the attempt that it listens to, nor for another request
 * of the same client: these wait for the listener, and are refused with `invalid_argument` until it has returned.
 */
export type OnEvent = (event: AtmnEvent) => unknown;

/**
 * A listener for terminals: writes each message on a separate line, to standard error unless you pass a stream. It
 * throws, and so cancels the call, if the stream is closed, because the user cannot see the login URL then.
 *
 * @example
 * import { login, terminalListener } from 'libatmn';
 *
 * await login({ onEvent: terminalListener() });
 */
export function terminalListener(stream?: { write(text: string): unknown; readonly destroyed?: boolean }): OnEvent;

/**
 * A listener for logs: writes each message with `info` or, where a program should look at it, `warn`. It replaces the
 * login URL, which is for the user alone; show that by other means, as in the example.
 *
 * @example
 * import { consoleListener, login, terminalListener } from 'libatmn';
 *
 * const [show, log] = [terminalListener(), consoleListener()];
 * await login({
 *   onEvent: (event) => {
 *     if (event.code === 'login_url') show(event);
 *     log(event);
 *   },
 * });
 */
export function consoleListener(target?: {
  info(message: string): unknown;
  warn(message: string): unknown;
}): (event: AtmnEvent) => void;

/**
 * {@link consoleListener} for pino and loggers like it: each event is an object with the event's code as `event` and its
 * context, and a message.
 *
 * @example
 * import { Client, pinoListener } from 'libatmn';
 * import { pino } from 'pino';
 *
 * const client = new Client({ onEvent: pinoListener(pino()) });
 * console.log((await client.request('GET', '/v1/customers')).status);
 */
export function pinoListener(logger: {
  info(fields: object, message: string): unknown;
  warn(fields: object, message: string): unknown;
}): (event: AtmnEvent) => void;

/** What a call uses of an `AbortSignal`. Declared here, so that the types need neither the DOM nor `@types/node`. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** How to cancel an operation on files that runs on another thread. */
export interface AbortOptions {
  /**
   * Rejects the promise with `signal.reason` at once. A wait for git or for a lock may continue on its thread, and the
   * file may still change afterwards.
   */
  signal?: AbortSignalLike | undefined;
}

/** How to follow and cancel a call. */
export interface CallOptions {
  onEvent?: OnEvent | undefined;
  /**
   * Cancels the call. The promise rejects with `signal.reason` once the callback port is free again. If the server may
   * already have created keys, it rejects with an {@link AtmnError} `cancelled` instead, whose hint says where to delete
   * them. After the event `keys_received`, the signal has no effect: the login saves the keys, and the promise resolves.
   */
  signal?: AbortSignalLike | undefined;
}
