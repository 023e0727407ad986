'use strict';

const { argument, text } = require('./arguments.js');
const { unwrap } = require('./errors.js');
const native = require('./native.js');

/** What the addon says about a key. Only this module creates one, so a program cannot forge an `ApiKey`. */
class KeyParts {
  constructor({ text, kind, environment, masked, fingerprint }) {
    Object.assign(this, { text, kind, environment, masked, fingerprint });
  }
}

class ApiKey {
  // Private, so that code that lists properties, such as a logger, does not find it.
  #text;

  constructor(value) {
    const parts = value instanceof KeyParts ? value : parse(value);
    this.#text = parts.text;
    // Constant, but not frozen: mocking libraries add properties to what they watch.
    for (const name of ['kind', 'environment', 'masked', 'fingerprint']) {
      Object.defineProperty(this, name, { value: parts[name], enumerable: true });
    }
  }

  reveal() {
    return this.#text;
  }

  equals(other) {
    return typeof other?.reveal === 'function' && other.reveal() === this.#text;
  }

  toString() {
    return this.masked;
  }

  toJSON() {
    return this.masked;
  }

  // `util.inspect.custom`, without loading `node:util`.
  [Symbol.for('nodejs.util.inspect.custom')]() {
    return `ApiKey(${this.masked})`;
  }
}

function parse(value) {
  return unwrap(native.parseKey(argument('text', text, value)));
}

/** The key that the addon described; its text is not parsed again. */
function keyFromParts(parts) {
  return new ApiKey(new KeyParts(parts));
}

module.exports = { ApiKey, keyFromParts };
