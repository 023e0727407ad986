// Types as a caller sees them; only compiled. `@ts-expect-error` fails where there is none.

import type { IncomingMessage } from 'node:http';
import type * as all from 'libatmn';
import type whole from 'libatmn';
import {
  ApiError,
  ApiKey,
  AtmnError,
  AuthenticationError,
  authenticate,
  beginLogin,
  Client,
  type Credential,
  type classifyKey,
  type Event,
  type explainKey,
  type Identity,
  type InvalidArgument,
  type LoginResult,
  LoginAttempt,
  login,
  logout,
  type OnEvent,
  type Organization,
  type Location,
  resolveKey,
  type SaveResult,
  saveKeys,
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
// @ts-expect-error there is no such environment
resolveKey({ environment: 'production' });
// @ts-expect-error a slip in a name is found
resolveKey({ dir: '.' });
same<ReturnType<typeof explainKey>, Location[]>(true);
const saved: SaveResult = saveKeys([key, 'am_sk_live_x'] as const, { gitignore: 'never' });
saved.shadowedBy.map(({ text }) => text.length);
logout({ server: 'local' }).remaining.length;

// Login
const onEvent: OnEvent = ({ code, level, context }: Event) => {
  same<typeof level, 'info' | 'debug'>(true);
  if (code === 'login_url') context.url?.length;
  // @ts-expect-error there is no such event
  if (code === 'login_done') return;
};
const done: Promise<LoginResult> = login({ onEvent, signal: AbortSignal.timeout(1), loginTimeoutMs: 1 });
// @ts-expect-error nobody could see the address
login({ loginTimeoutMs: 1 });
login({ onEvent: terminalListener(process.stdout) });
const attempt: LoginAttempt = startLogin();
same<typeof attempt.deadline, Date>(true);
same<ReturnType<typeof attempt.wait>, Promise<LoginResult>>(true);
// @ts-expect-error only startLogin makes attempts
new LoginAttempt();
// @ts-expect-error a login in two steps opens no browser
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
// @ts-expect-error a number is no body
client.request('POST', '/', { body: 7 });
const renewed = await client.reauthenticate(key, { signal: AbortSignal.timeout(1) });
same<typeof renewed.key, ApiKey>(true);

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
// @ts-expect-error the library makes its errors
new AtmnError('x');

// Incoming requests, and who sent them
declare const incoming: IncomingMessage;
type Customer = { name: string };
const find = (_: Credential): Customer | null => null;
const sync = authenticate(incoming, find, { accepts: 'publishable_only', onEvent });
same<typeof sync, Promise<Customer>>(true);
const waiting = authenticate(new Request('http://a'), async (credential) => find(credential) ?? false);
same<typeof waiting, Promise<Customer>>(true);
authenticate({ method: 'GET', path: '/', headers: { authorization: 'x' } }, () => true);
// @ts-expect-error nothing is accepted without verify
authenticate(incoming);
