'use strict';

/** A response of any status: the result of `client.request`, and what an `ApiError` carries. */
class ApiResponse {
  /** Names in lower case and their values, in the order of arrival. Hidden, since `headers` shows the same. */
  #pairs;

  constructor({ status, headers }, body) {
    this.#pairs = headers;
    this.status = status;
    this.headers = Object.freeze(joined(headers));
    this.body = body;
  }

  header(name) {
    const values = this.headerValues(name);
    return values.length === 0 ? null : values.join(', ');
  }

  headerValues(name) {
    const wanted = String(name).toLowerCase();
    return this.#pairs.filter(([known]) => known === wanted).map(([, value]) => value);
  }

  text() {
    return new TextDecoder().decode(this.body);
  }

  json() {
    return JSON.parse(this.text());
  }
}

/** Headers by lowercase name; several with one name are joined by `, `, as HTTP allows. */
function joined(headers) {
  const byName = {};
  for (const [name, value] of headers) {
    byName[name] = Object.hasOwn(byName, name) ? `${byName[name]}, ${value}` : value;
  }
  return byName;
}

/** A response from parts that a program has, for example in a test: headers by name in any case, or pairs of both. */
function responseOf({ status, headers, body }) {
  const pairs = Array.isArray(headers) ? headers : Object.entries(headers ?? {});
  const named = pairs.map(([name, value]) => [name.toLowerCase(), value]);
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : (body ?? new Uint8Array());
  return new ApiResponse({ status, headers: named }, bytes);
}

module.exports = { ApiResponse, responseOf };
