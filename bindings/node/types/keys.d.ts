import type { EnvFile, Environment, Git, Gitignore, KeyKind, Origin, Outcome } from '../enumerations.js';
import type { AbortOptions } from './events.js';

/** The server: `cloud`, `local` (http://localhost:8080) or a base URL. */
export type ServerOption = 'cloud' | 'local' | (string & {});

/**
 * An Autumn API key. It prints itself masked (`am_sk_test_…a1b2`) in `console.log`, in template strings and in JSON; only
 * `reveal()` returns the text. A masked key in a header throws at once, because a header cannot contain the ellipsis.
 *
 * @example
 * import { ApiKey } from 'libatmn';
 *
 * const key = new ApiKey('am_sk_test_0123456789abcdef');
 * console.log(`${key}`, key.kind, key.environment); // am_sk_test_…cdef secret sandbox
 * const headers = { authorization: `Bearer ${key.reveal()}` };
 */
export class ApiKey {
  /** @throws {@link AtmnError} `malformed_key`; the message does not repeat the text. */
  constructor(text: string);
  readonly kind: KeyKind;
  readonly environment: Environment;
  /** For example `am_sk_test_…a1b2`. */
  readonly masked: string;
  /** Differs between keys, so that `deepStrictEqual` does too. It is random for each process and reveals nothing. */
  readonly fingerprint: string;
  /** The secret text. Do not print it. */
  reveal(): string;
  /** Whether the other key has the same text. */
  equals(other: unknown): boolean;
  /** Masked. */
  toString(): string;
  /** Masked. */
  toJSON(): string;
}

/** A location of a key: where one is, was, or could be. */
export interface Location {
  origin: Origin;
  /** The variable; `null` for an argument, and for a file that could not be read. */
  variable: string | null;
  /** The file, if the location is in one. */
  path: string | null;
  /** The line in the file, from 1. */
  line: number | null;
  outcome: Outcome;
  /** The key at this location, masked. */
  masked: string | null;
  /** Why the location was refused or skipped; continues a sentence that starts with "it". */
  reason: string | null;
  /** Ready to print: `AUTUMN_SECRET_KEY in /srv/app/.env, line 3`. */
  text: string;
}

/** Which key to find, and where. */
export interface ResolveOptions {
  /** A key that you already have; it takes precedence over all locations. An empty string counts as absent. */
  key?: ApiKey | string | undefined;
  /** The environment that you need. If omitted, the key in `AUTUMN_SECRET_KEY` may be of any environment. */
  environment?: Environment | undefined;
  /** Where the search starts; the working directory by default. */
  directory?: string | undefined;
  /**
   * Where the search through the parent directories ends: at the root of the file system (default), at the root of the
   * git repository, or at the directory that you pass.
   */
  boundary?: 'filesystem' | 'repository' | (string & {}) | undefined;
}

/** A key and the location where it was found. */
export interface ResolvedKey {
  key: ApiKey;
  /** The location of the key. */
  source: Location;
  /** Locations that were skipped although they may have a key. */
  skipped: Location[];
}

/** Kind and environment of a key, from its text alone. */
export interface KeyClass {
  kind: KeyKind;
  environment: Environment;
}

/**
 * Returns kind and environment of a key, or `null` for a text that {@link ApiKey} does not accept.
 *
 * @example
 * import { classifyKey } from 'libatmn';
 *
 * console.log(classifyKey('am_pk_live_0123456789ab')); // { kind: 'publishable', environment: 'live' }
 */
export function classifyKey(text: string): KeyClass | null;

/**
 * Finds the active key. It looks at the argument, the variable of the process, the file that `AUTUMN_SECRET_KEY_FILE`
 * names, and then at `.env.local` and `.env` in the directory and each of its parents. The nearest location that has the
 * variable wins; an empty value counts as absent.
 *
 * | environment | variable |
 * |---|---|
 * | omitted | `AUTUMN_SECRET_KEY`, with a key of any environment |
 * | `sandbox` | `AUTUMN_SECRET_KEY`; a live key in it is refused |
 * | `live` | `AUTUMN_PROD_SECRET_KEY`, then `AUTUMN_SECRET_KEY` if it has a live key |
 *
 * @throws {@link AtmnError} `key_not_found`; `malformed_key`, `wrong_key_kind` or `wrong_environment` if the nearest
 * location has something else, which the context names; `key_file_unreadable` if a `…_FILE` variable is set and its file
 * cannot be used.
 *
 * @example
 * import { resolveKey } from 'libatmn';
 *
 * const { key, source } = resolveKey({ environment: 'sandbox' });
 * console.log(`${key} from ${source.text}`); // masked
 */
export function resolveKey(options?: ResolveOptions): ResolvedKey;

/**
 * Finds the active key, as {@link resolveKey} does, for programs that can do without one: returns `null` if no location
 * has a key.
 *
 * @throws as {@link resolveKey}, without `key_not_found`.
 *
 * @example
 * import { findKey } from 'libatmn';
 *
 * const found = findKey();
 * console.log(found ? `${found.key}` : 'No key; billing is off.');
 */
export function findKey(options?: ResolveOptions): ResolvedKey | null;

/** {@link findKey} on another thread: a key file that is a named pipe can take two seconds. */
export function findKeyAsync(options?: ResolveOptions & AbortOptions): Promise<ResolvedKey | null>;

/**
 * The text of the active key, for SDKs that ask a function for the key before each request. They then use the new key
 * after a login without being created again.
 *
 * @throws as {@link resolveKey}.
 *
 * @example
 * import { secretKey } from 'libatmn';
 *
 * // With Autumn's SDK: new Autumn({ secretKey })
 * const live = () => secretKey({ environment: 'live' });
 * console.log((await secretKey()).length > 20, typeof live);
 */
export function secretKey(options?: ResolveOptions): Promise<string>;

/**
 * Lists every location that {@link resolveKey} considers, in order, with the outcome of each.
 *
 * @example
 * import { explainKey } from 'libatmn';
 *
 * for (const location of explainKey()) console.log(location.outcome, location.text);
 */
export function explainKey(options?: ResolveOptions): Location[];

/** Where to save keys, and what to allow. */
export interface SaveOptions {
  /** The directory whose `.env` is written; the working directory by default. */
  directory?: string | undefined;
  /**
   * The file to save in; by default `.env.local` if it has a value for one of the variables, or where git tracks `.env`
   * and ignores `.env.local`; else `.env`.
   */
  file?: EnvFile | undefined;
  /** Write the file even if git tracks it, or may track it. */
  allowTracked?: boolean | undefined;
  /** What to do if git would commit a new file; `add` by default. */
  gitignore?: Gitignore | undefined;
}

/** The result of saving keys. */
export interface SaveResult {
  /** The file that has the keys. If `.env` is a link, this is its target. */
  path: string;
  /** Whether the file is new. */
  created: boolean;
  git: Git;
  /** The keys that were replaced, masked. */
  replaced: Location[];
  /** Nearer locations with another key, which is active instead of the saved one. */
  shadowedBy: Location[];
  /** Whether the file was locked against other processes; `false` if the system offers no locks. */
  locked: boolean;
  /**
   * Ready to print: git does not ignore the file, tracks it, or gave no answer; the keys are in `.env.local` because
   * git tracks `.env`; other accounts can read the file, or the owner of its directory cannot; a line was added to
   * `.gitignore` although git did not answer; an earlier commit may still track the file; a repository that another
   * account planted was ignored; a nearer file has the variable without a value; or a byte order mark hides the first
   * variable of the file from some readers.
   */
  note: string | null;
}

/**
 * Saves one secret key, or a sandbox and a live key, in the `.env` of the directory. The rest of the file stays the same
 * byte for byte. Readers see the old file or the new one, and if the call fails, the file has not changed. The call
 * blocks the event loop while it waits for git or for the lock of another process, up to ten seconds; {@link
 * saveKeysAsync} does not.
 *
 * @throws {@link AtmnError} `malformed_key` or `wrong_key_kind` if a key is not a secret key; `env_file_tracked` if git
 * tracks the file, `env_file_unprotected` if it may; `file_untrusted`, `not_a_file`, `link_refused` or
 * `file_unreadable` if the existing file must not or cannot be edited; `file_unwritable`, `disk_full`,
 * `env_file_not_replaceable` or `file_locked` if it cannot be written.
 *
 * @example
 * import { ApiKey, saveKeys } from 'libatmn';
 *
 * const saved = saveKeys([new ApiKey('am_sk_test_0123456789ab')]);
 * for (const location of saved.shadowedBy) console.warn(`${location.text} takes precedence.`);
 */
export function saveKeys(keys: readonly (ApiKey | string)[], options?: SaveOptions): SaveResult;

/** {@link saveKeys} on another thread. */
export function saveKeysAsync(
  keys: readonly (ApiKey | string)[],
  options?: SaveOptions & AbortOptions,
): Promise<SaveResult>;

/** Where to log out. */
export interface LogoutOptions {
  /** The directory of the file; the working directory by default. */
  directory?: string | undefined;
  /**
   * The only file to edit; by default each of `.env.local` and `.env` that has a key. Beside a `.env.local`, a `.env` that
   * git tracks, or may track, is left.
   */
  file?: EnvFile | undefined;
  /** The environment whose keys are removed, from either variable; both by default. */
  environment?: Environment | undefined;
  /** The server whose dashboard the result names. */
  server?: ServerOption | undefined;
}

/** The result of logging out. */
export interface LogoutResult {
  /** The file, or of two files the `.env.local`. If it is a link, this is its target. */
  path: string;
  /** The keys that were removed, masked, each with its file. */
  removed: Location[];
  /** All locations that still have a key, the nearest first. */
  remaining: Location[];
  /**
   * Ready to print: the keys are still valid, and where to revoke them; what was left, and why; which edited file git
   * tracks; and which file could not be searched.
   */
  note: string;
  /** Whether each edited file was locked against other processes; `false` if the system offers no locks. */
  locked: boolean;
}

/**
 * Removes the keys, or those of one environment, from the `.env.local` and `.env` of the directory, or only from the
 * named file. A value without a key stays. It is no error if there are none. Like {@link saveKeys}, it may block the
 * event loop; {@link logoutAsync} does not.
 *
 * @throws as {@link saveKeys} for the file.
 *
 * @example
 * import { logout } from 'libatmn';
 *
 * const { removed, remaining, note } = logout();
 * console.log(removed.length, remaining.map(({ text }) => text), note);
 */
export function logout(options?: LogoutOptions): LogoutResult;

/** {@link logout} on another thread. */
export function logoutAsync(options?: LogoutOptions & AbortOptions): Promise<LogoutResult>;
