import type { EventCode } from '../enumerations.js';

/** Something that happened during a call. It never contains a secret. */
export interface AtmnEvent {
  readonly code: EventCode;
  /** Ready to print. */
  readonly message: string;
  /** The values in the message: `url`, `port`, `path`, … */
  readonly context: Readonly<Record<string, string>>;
}

/**
 * Receives the events of a call, on JavaScript's thread and in the caller's `AsyncLocalStorage` context. Events arrive
 * one after the other, all of them before the promise of the call settles. If the listener returns a promise, the next
 * event and the end of a successful call wait for it. If it throws, or its promise rejects, the call is cancelled and
 * rejects with that error.
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
   * them. Keys that have arrived are saved in any case.
   */
  signal?: AbortSignalLike | undefined;
}
