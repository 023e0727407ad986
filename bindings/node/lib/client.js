'use strict';

const { argument, key, readOptions, text, withoutPrototype } = require('./arguments.js');
const { call } = require('./call.js');
const { unwrap } = require('./errors.js');
const { fetchWithKey } = require('./fetch.js');
const { host, withHost } = require('./host.js');
const { resolveKey } = require('./keys.js');
const native = require('./native.js');
const options = require('./options.js');
const { bodyOf, readPairs } = require('./request.js');
const { ApiResponse } = require('./response.js');
const { withKey } = require('./results.js');

class Client {
  #native;
  /** The listener, and how long calls wait for it. */
  #listening;
  /** The options that find the key. */
  #resolution;
  /** What `fetch` needs of this client. */
  #session;

  constructor(given) {
    const { onEvent, key, environment, directory, boundary, ...rest } = readOptions(options.client, given);
    this.#resolution = withoutPrototype({ key, environment, directory, boundary });
    const resolve = withHost(withoutPrototype(this.#resolution));
    const client = native.openClient(withoutPrototype({ ...rest, resolve }));
    if (typeof client === 'string') unwrap(client);
    this.#native = client;
    this.#listening = { onEvent, owner: this, loginTimeoutMs: rest.loginTimeoutMs };
    const server = client.server();
    this.#session = {
      native: client,
      server,
      origin: new URL(server).origin,
      listening: this.#listening,
      findKey: () => resolveKey(this.#resolution).key,
      replaceKey: (...rejected) => this.#replaceKey(...rejected),
    };
    // Bound, so that `{ fetch: client.fetch }` works; hidden, since it is not data.
    Object.defineProperty(this, 'fetch', { value: this.fetch.bind(this), configurable: true, writable: true });
  }

  async request(method, path, given) {
    argument('method', text, method);
    argument('path', text, path);
    const {
      signal,
      query,
      headers,
      json,
      body,
      contentType,
      throw: throws,
      ...rest
    } = readOptions(options.request, given);
    const { bytes, ownType } = bodyOf(body, json);
    const request = withoutPrototype({
      ...rest,
      method,
      path,
      query: readPairs('query', query),
      headers: readPairs('headers', headers, contentType),
      contentType: contentType ?? ownType,
      anyStatus: throws === false,
      host: host(),
    });
    const begin = (hasListener, callback) => this.#native.request(request, bytes, hasListener, callback);
    const { value, body: received } = await call(begin, { ...this.#listening, signal });
    return new ApiResponse(value, received);
  }

  async reauthenticate(rejected, given) {
    const old = argument('rejected', key, rejected);
    const { signal } = readOptions(options.reauthenticate, given);
    const seen = host();
    const begin = (hasListener, callback) => this.#native.reauthenticate(old, seen, hasListener, callback);
    const { value } = await call(begin, { ...this.#listening, signal });
    return withKey(value);
  }

  get server() {
    return this.#session.server;
  }

  async fetch(input, init) {
    return fetchWithKey(this.#session, input, init);
  }

  async #replaceKey(rejected, bytes, signal) {
    const request = withoutPrototype({ ...rejected, host: host() });
    const begin = (hasListener, callback) => this.#native.keyAfterRejection(request, bytes, hasListener, callback);
    const { value } = await call(begin, { ...this.#listening, signal });
    return value && withKey(value).key;
  }

  submit(pasted) {
    unwrap(this.#native.submit(argument('text', text, pasted)));
  }
}

module.exports = { Client };
