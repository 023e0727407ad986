/**
 * Log in to Autumn, keep its API keys in `.env`, find them again, and call the API with them.
 *
 * Options come last and may be omitted, and `undefined` means omitted. Fields without a value are `null`. Times are in
 * milliseconds. An argument of the wrong type, or an option that does not exist, throws a `TypeError`; a value that
 * cannot be used throws an {@link AtmnError}. Both have the code `invalid_argument`. The library prints nothing and
 * changes no environment variable.
 *
 * @module libatmn
 */

export * from './enumerations.js';
export * from './types/authenticate.js';
export * from './types/client.js';
export * from './types/errors.js';
export * from './types/events.js';
export * from './types/keys.js';
export * from './types/login.js';

/** Settings of the whole process, worker threads included. */
export interface Configuration {
  /**
   * The command with which your users log in, as one line. Hints are then for these users: they name it, and no function or
   * option. Omit it to name those of this library again.
   */
  loginCommand?: string | undefined;
}

/**
 * Sets the login command that hints name. Call it once, at the start.
 *
 * @throws {@link AtmnError} `invalid_argument` if the command is empty or has control characters.
 *
 * @example
 * import { configure } from 'libatmn';
 *
 * configure({ loginCommand: 'shop login' }); // hints say: Run `shop login`
 */
export function configure(options: Configuration): void;

/** The version of the package. */
export const version: string;
