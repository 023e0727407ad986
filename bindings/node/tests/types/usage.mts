// Types as a caller uses them. Only compiled; `@ts-expect-error` fails if there is no error.

import type { IncomingMessage } from 'node:http';
import type * as all from 'libatmn';
import type whole from 'libatmn';
import {
  ApiError,
  ApiKey,
  AtmnError,
  type AtmnEvent,
  AuthenticationError,
  authenticate,
  beginLogin,
  Client,
  type Credential,
  type classifyKey,
  type diagnose,
  type explainKey,
  type findKey,
  type Identity,
  type InvalidArgument,
  type Location,
  LoginAttempt,
  type LoginResult,
  login,
  logout,
  type OnEvent,
  type Organization,
  resolveKey,
  type SaveResult,
  saveKeys,
  type serverInfo,
  startLogin,
  terminalListener,
  whoami,
} from 'libatmn';

/** Compiles only if both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

same<typeof all.login, typeof login>(true);
same<typeof whole.login, typeof login>(true);

// Keys
const key = new ApiKey('am_sk_test_x');
same<typeof key.kind, 'secret' | 'publishable'>(true);
same<ReturnType<typeof key.reveal>, string>(true);
// @ts-expect-error a key cannot be changed
key.kind = 'secret';
same<ReturnType<typeof classifyKey>, { kind: all.KeyKind; environment: all.Environment } | null>(true);

// Resolution
const found = resolveKey({ environment: 'live', boundary: '/srv', key });
same<typeof found.source, Location>(true);
same<typeof found.source.line, number | null>(true);
resolveKey({ boundary: 'repository' });
// @ts-expect-error this environment does not exist
resolveKey({ environment: 'production' });
// @ts-expect-error this option does not exist
resolveKey({ dir: '.' });
same<ReturnType<typeof explainKey>, Location[]>(true);
same<ReturnType<typeof findKey>, all.ResolvedKey | null>(true);
same<ReturnType<typeof serverInfo>, all.ServerFacts>(true);
same<Awaited<ReturnType<typeof diagnose>>, all.Diagnosis>(true);
saveKeys([key], { file: '.env.local' });
// @ts-expect-error keys are not found in this file
saveKeys([key], { file: '.env.production' });
const saved: SaveResult = saveKeys([key, 'am_sk_live_x'] as const, { gitignore: 'never' });
saved.shadowedBy.map(({ text }) => text.length);
logout({ server: 'local' }).remaining.length;

// Login
const onEvent: OnEvent = ({ code, context }: AtmnEvent) => {
  if (code === 'login_url') same<typeof context.port, number>(true);
  if (code === 'login_url') context.url.length;
  // @ts-expect-error this event has no URL
  if (code === 'keys_saved') context.url;
  // @ts-expect-error this event does not exist
  if (code === 'login_done') return;
};
const done: Promise<LoginResult> = login({ onEvent, signal: AbortSignal.timeout(1), loginTimeoutMs: 1 });
// @ts-expect-error the user could not see the login URL
login({ loginTimeoutMs: 1 });
login({ onEvent: terminalListener(process.stdout) });
const attempt: LoginAttempt = await startLogin();
same<typeof attempt.deadline, Date>(true);
same<ReturnType<typeof attempt.wait>, Promise<LoginResult>>(true);
// @ts-expect-error only startLogin creates attempts
new LoginAttempt();
// @ts-expect-error a two-step login opens no browser
beginLogin({ openBrowser: false });
same<Awaited<typeof done>['organization'], Organization | null>(true);

// Network
const identity: Promise<Identity> = whoami({ key, server: 'https://api.example.com' });
const client = new Client({ reauth: 'auto', responseLimit: 1024, onEvent });
const response = await client.request('GET', '/v1/customers', { query: { limit: 10, ids: ['a', 'b'] } });
same<typeof response.body, Uint8Array>(true);
same<ReturnType<typeof response.json>, unknown>(true);
response.json<{ list: string[] }>().list[0]?.length;
client.request('POST', '/', { query: new URLSearchParams('a=1'), headers: new Headers(), json: { a: 1 } });
client.request('POST', '/', { body: new Uint8Array(), contentType: 'text/plain', idempotencyKey: 'x' });
// @ts-expect-error a number is not a body
client.request('POST', '/', { body: 7 });
const renewed = await client.reauthenticate(key, { signal: AbortSignal.timeout(1) });
same<typeof renewed.key, ApiKey>(true);
same<typeof renewed.key.masked, string>(true);

// Errors
try {
  await identity;
} catch (error) {
  if (error instanceof AuthenticationError) same<typeof error.status, 401>(true);
  else if (error instanceof ApiError) same<typeof error.environment, all.Environment | null>(true);
  else if (error instanceof AtmnError) same<typeof error.code, all.ErrorCode>(true);
  const wrong = error as InvalidArgument;
  wrong.context.option?.length;
}
new AtmnError({ code: 'key_not_found', message: 'No key.' });
new ApiError({ code: 'api_error', message: 'Not found.', status: 404 });
// @ts-expect-error an ApiError has a status
new ApiError({ code: 'api_error', message: 'Not found.' });
const body = { message: 'Invalid secret key', code: 'invalid_secret_key', env: 'live' } as const;
new AuthenticationError({ code: body.code, message: 'Invalid secret key', body });

// Every option accepts `undefined`, so that programs can pass on what they have (exactOptionalPropertyTypes).
type Optional<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? K : never }[keyof T];
/** The names of optional fields that do not accept `undefined`. */
type Refusing<T> = { [K in Optional<T>]: Record<K, undefined> extends Pick<T, K> ? never : K }[Optional<T>];
type LastParameter<F> = F extends (...given: infer A) => unknown
  ? Required<A> extends [...unknown[], infer Last extends object]
    ? Last
    : Record<never, never>
  : Record<never, never>;
type RefusingOf<Functions> = { [F in keyof Functions]: Refusing<LastParameter<Functions[F]>> }[keyof Functions];
same<Refusing<{ a?: string; b?: string | undefined; c: string }>, 'a'>(true);
same<Refusing<LastParameter<(_: { a?: 1 }) => void>>, 'a'>(true);
// The stream of `terminalListener` is no object of options.
same<RefusingOf<Omit<typeof all, 'default' | 'terminalListener'>>, never>(true);
// The init of `fetch` is that of the program.
same<RefusingOf<Omit<Client, 'fetch'>>, never>(true);
same<Refusing<ConstructorParameters<typeof Client>[0] & {}>, never>(true);
declare const maybe: { signal?: AbortSignal; text?: string };
client.request('GET', '/', { query: { cursor: maybe.text }, signal: maybe.signal });

// Incoming requests
declare const incoming: IncomingMessage;
type Customer = { name: string };
const find = (_: Credential): Customer | null => null;
const sync = authenticate(incoming, find, { accepts: 'publishable_only', onEvent });
same<typeof sync, Promise<Customer>>(true);
const waiting = authenticate(new Request('http://a'), async (credential) => find(credential) ?? false);
same<typeof waiting, Promise<Customer>>(true);
authenticate({ method: 'GET', path: '/', headers: { authorization: 'x' } }, () => true);
// @ts-expect-error a request has a method and a path
authenticate({ headers: {} }, () => true);
// @ts-expect-error nothing is accepted without verify
authenticate(incoming);
