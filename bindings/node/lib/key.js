'use strict';

const { inspect } = require('node:util');
const { checked, text } = require('./arguments.js');
const { unwrap } = require('./errors.js');
const native = require('./native.js');

class ApiKey {
  // Private, so that nothing that walks over properties finds it.
  #text;
  #masked;

  constructor(value) {
    const { kind, environment, masked } = unwrap(native.parseKey(checked('text', text, value)));
    this.#text = value;
    this.#masked = masked;
    this.kind = kind;
    this.environment = environment;
    Object.freeze(this);
  }

  reveal() {
    return this.#text;
  }

  toString() {
    return this.#masked;
  }

  toJSON() {
    return this.#masked;
  }

  [inspect.custom]() {
    return `ApiKey(${this.#masked})`;
  }
}

module.exports = { ApiKey };
