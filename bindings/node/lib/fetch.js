'use strict';

// `client.fetch`: Node's own fetch, with the key, the retries and the login of a client.

const { AsyncResource } = require('node:async_hooks');
const { isUint8Array } = require('node:util/types');
const { onAbort } = require('./abort.js');
const { wrongType } = require('./errors.js');
const { notify } = require('./listener.js');
const { event } = require('./results.js');

/**
 * `session` is what a client offers: `native`, `server`, its `origin`, `findKey()`, `replaceKey()` and `listening`. Requests
 * to other origins are sent as they are: neither the key nor retries are for them.
 */
async function fetchWithKey(session, input, init) {
  if (typeof fetch !== 'function') throw wrongType('fetch', 'This program has no global `fetch`.');
  if (!isRequest(input) && !isUrl(input)) {
    throw wrongType('input', 'The argument `input` must be a path, a URL or a Request.');
  }
  const request = new Request(isRequest(input) ? input : new URL(input, session.server), init);
  if (new URL(request.url).origin !== session.origin) return fetch(request);
  const outgoing = await Outgoing.read(request);
  const key = session.findKey();
  const response = await send(session, outgoing, key);
  if (response.status !== 401) return response;
  const rejected = { method: request.method, key: key.reveal(), status: response.status };
  const body = new Uint8Array(await response.clone().arrayBuffer());
  const renewed = await session.replaceKey(rejected, body, request.signal);
  if (!renewed) return response;
  // Frees the connection; the caller gets the second response.
  await response.body?.cancel();
  return send(session, outgoing, renewed);
}

const isObject = (input) => typeof input === 'object' && input !== null;
const isRequest = (input) => isObject(input) && !(input instanceof URL) && 'url' in input;
/** Not `undefined` or an object without a text, which would be a path such as `/undefined`. */
const isUrl = (input) =>
  typeof input === 'string' ||
  (isObject(input) && typeof input.toString === 'function' && !String(input).startsWith('[object '));

/** A request that can be sent several times, since its body is in memory. */
class Outgoing {
  static async read(request) {
    // A blob, because fetch detaches bytes that it sends, and then cannot follow a redirect with them.
    return new Outgoing(request, request.body ? new Blob(await readBody(request)) : undefined);
  }

  constructor(request, body) {
    this.request = request;
    this.body = body;
  }

  send(key) {
    const headers = new Headers(this.request.headers);
    headers.set('authorization', `Bearer ${key.reveal()}`);
    const body = this.body === undefined ? undefined : { body: this.body };
    return fetch(this.request, { headers, ...body });
  }
}

/** The chunks of the body. An abort ends the reading, as it ends fetch's. */
async function readBody({ body, signal }) {
  const reader = body.getReader();
  const chunks = [];
  const stopListening = onAbort(signal, () => reader.cancel(signal.reason).catch(() => {}));
  try {
    while (!signal.aborted) {
      const { done, value } = await reader.read();
      if (done && !signal.aborted) return chunks;
      if (!done && !isUint8Array(value)) throw wrongType('body', 'The stream `body` must contain only Uint8Arrays.');
      chunks.push(value);
    }
    throw signal.reason;
  } finally {
    stopListening();
  }
}

/** Sends the request with one key, with the retries of the core. */
async function send(session, outgoing, key) {
  const { method, headers, signal } = outgoing.request;
  const began = performance.now();
  for (let tries = 1; ; tries++) {
    const done = { method, hasIdempotencyKey: headers.has('idempotency-key'), tries };
    let [response, failure] = [undefined, undefined];
    try {
      response = await outgoing.send(key);
      if (response.ok) return response;
    } catch (error) {
      if (signal.aborted) throw error;
      failure = error;
    }
    const pause = pauseAfter(session.native, done, performance.now() - began, response, failure);
    if (!pause && failure) throw failure;
    if (!pause) return response;
    await response?.body?.cancel();
    await notify(session.listening, event(pause.event), [signal]);
    await sleep(pause.pauseMs, signal);
  }
}

function pauseAfter(client, done, elapsedMs, response, failure) {
  const result = response
    ? {
        status: response.status,
        retryAfter: response.headers.get('retry-after') ?? undefined,
        date: response.headers.get('date') ?? undefined,
      }
    : { failure: codeOf(failure), message: `${failure.cause?.message || failure.message}.` };
  return JSON.parse(client.pauseBeforeNextTry({ __proto__: null, ...done, elapsedMs, ...result }));
}

/** The code of the same failure in `client.request`. */
function codeOf({ cause }) {
  const code = cause?.code ?? cause?.errors?.[0]?.code;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'resolve_failed';
    case 'ECONNREFUSED':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return 'connect_failed';
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return 'connection_lost';
    case 'ETIMEDOUT':
    case 'UND_ERR_HEADERS_TIMEOUT':
      return 'request_timed_out';
    default:
      // Not retried: a certificate, or a body that cannot be read.
      return 'response_unreadable';
  }
}

/** Waits, unless the caller aborts; then it rejects as fetch does. */
function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    let stopListening = () => {};
    const timer = setTimeout(() => {
      stopListening();
      resolve();
    }, milliseconds);
    const abort = AsyncResource.bind(() => {
      clearTimeout(timer);
      reject(signal.reason);
    });
    stopListening = onAbort(signal, abort);
  });
}

module.exports = { fetchWithKey };
