// The package declares what it uses of the objects of Node and of frameworks. Each accepts the objects themselves. Only
// compiled, with several versions of `@types/node`.

import { Console } from 'node:console';
import { createReadStream, createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { Socket } from 'node:net';
import { Duplex, PassThrough, Readable } from 'node:stream';
import { ReadStream } from 'node:tty';
import {
  type AbortSignalLike,
  authenticate,
  Client,
  consoleListener,
  type IncomingHeaders,
  type InputStream,
  type LoginAttempt,
  login,
  type OnEvent,
  pinoListener,
  type RequestOptions,
  saveKeysAsync,
  startLogin,
  terminalListener,
} from 'libatmn';

// The way in the documentation
await login({ input: process.stdin, onEvent: terminalListener() });

export const inputs: InputStream[] = [
  process.stdin,
  createReadStream('keys'),
  new PassThrough(),
  Duplex.from([]),
  Readable.from([]),
  new Socket(),
  new ReadStream(0),
  { on: (_: string, _listener: (chunk: Buffer) => void) => {}, off: () => {}, pause: () => {}, resume: () => {} },
];
// @ts-expect-error a stream that only writes has no input
export const output: InputStream = createWriteStream('keys');

const { signal } = new AbortController();
export const signals: AbortSignalLike[] = [signal, AbortSignal.timeout(1), AbortSignal.abort()];
export const attempt: LoginAttempt = await startLogin({ signal });
await saveKeysAsync([], { signal: AbortSignal.any([signal]) });
await new Client().request('GET', '/', { signal });
// @ts-expect-error a controller is no signal
await new Client().request('GET', '/', { signal: new AbortController() });

export const listeners: OnEvent[] = [
  terminalListener(process.stdout),
  terminalListener(process.stderr),
  terminalListener(createWriteStream('log')),
  terminalListener(new PassThrough()),
  terminalListener({ write: (text) => text.length }),
  consoleListener(console),
  consoleListener(new Console(process.stderr)),
  consoleListener({ info: (_: string) => {}, warn: (_: string) => {} }),
  pinoListener({ info: (_fields: object, _message?: string) => {}, warn: (_: unknown) => {} }),
];
// @ts-expect-error a stream that only reads shows nothing
terminalListener(createReadStream('keys'));

export const requests: RequestOptions[] = [
  { query: new URLSearchParams('a=1'), headers: new Headers(), body: new URLSearchParams() },
  { query: new Map([['a', '1']]), headers: [['a', '1']], body: Buffer.from('a') },
  { body: new Uint8Array() },
  { body: new ArrayBuffer(1) },
  { body: new SharedArrayBuffer(1) },
  { body: new DataView(new ArrayBuffer(1)) },
];

declare const message: IncomingMessage;
declare const http2: Http2ServerRequest;
export const headers: IncomingHeaders[] = [message.headers, http2.headers, new Headers()];
for (const request of [message, http2, new Request('http://a')]) await authenticate(request, () => true);
