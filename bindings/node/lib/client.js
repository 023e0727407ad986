'use strict';

const { checked, key, options, revealed, shapes, text } = require('./arguments.js');
const { call } = require('./call.js');
const { invalid, unwrap } = require('./errors.js');
const { native } = require('./native.mjs');
const results = require('./results.js');

class Client {
  #native;
  #onEvent;

  constructor(given) {
    const { onEvent, key, environment, directory, boundary, ...rest } = options(shapes.client, given);
    const client = native.openClient({ ...rest, resolve: { key, environment, directory, boundary } });
    if (client.failure) unwrap(client);
    this.#native = client;
    this.#onEvent = onEvent;
  }

  async request(method, path, given) {
    checked('method', text, method);
    checked('path', text, path);
    const { signal, query, headers, json, body, ...rest } = options(shapes.request, given);
    const request = { method, path, query: flat('query', query), headers: flat('headers', headers), ...rest };
    const sent = bodyOf(body, json);
    const { value, body: received } = await this.#call(signal, (attended, deliver) =>
      this.#native.request(request, sent, attended, deliver),
    );
    return new ApiResponse(value, received);
  }

  async reauthenticate(rejected, given) {
    const old = revealed('rejected', checked('rejected', key, rejected));
    const { signal } = options(shapes.reauthenticate, given);
    const { value } = await this.#call(signal, (attended, deliver) =>
      this.#native.reauthenticate(old, attended, deliver),
    );
    return results.resolved(value);
  }

  submit(pasted) {
    unwrap(this.#native.submit(checked('text', text, pasted)));
  }

  #call(signal, begin) {
    const onEvent = this.#onEvent;
    return call((deliver) => begin(onEvent !== undefined, deliver), { onEvent, signal });
  }
}

class ApiResponse {
  constructor({ status, headers }, body) {
    this.status = status;
    this.headers = Object.freeze(joined(headers));
    this.body = body;
  }

  text() {
    return new TextDecoder().decode(this.body);
  }

  json() {
    return JSON.parse(this.text());
  }
}

/** By name in small letters; several of one name are joined, as HTTP allows. */
function joined(headers) {
  const byName = {};
  for (const [name, value] of headers) {
    byName[name] = Object.hasOwn(byName, name) ? `${byName[name]}, ${value}` : value;
  }
  return byName;
}

/** Names and values in turn, from an object, whose values may be lists, or from pairs, such as `URLSearchParams`. */
function flat(name, given = {}) {
  const isIterable = typeof given[Symbol.iterator] === 'function';
  const pairs = isIterable ? Array.from(given) : Object.entries(given);
  return pairs.flatMap((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw invalid(name, `The option "${name}" must hold pairs.`);
    const [key, value] = pair;
    return [value].flat().flatMap((one) => [textOf(name, key), textOf(name, one)]);
  });
}

function textOf(name, value) {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!text[1](value)) throw invalid(name, `The option "${name}" must hold texts, numbers and booleans.`);
  return value;
}

function bodyOf(body, json) {
  if (json === undefined) return typeof body === 'string' ? Buffer.from(body) : body;
  if (body !== undefined) throw invalid('json', 'A request has a "body" or "json", not both.');
  try {
    return Buffer.from(JSON.stringify(json));
  } catch {
    throw invalid('json', 'The option "json" must be what JSON can hold.');
  }
}

module.exports = { Client };
