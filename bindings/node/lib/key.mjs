import { native } from './native.mjs';

/** Nobody else has this: what comes with it is a key that the addon has read already. */
const ours = Symbol('trusted');

class ApiKey {
  // Private, so that nothing that walks over properties finds it.
  #text;
  #masked;

  constructor(value, token, known) {
    const parts = token === ours ? known : parsed(value);
    this.#text = parts[0];
    this.kind = parts[1];
    this.environment = parts[2];
    this.#masked = parts[3];
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

  // As `util.inspect.custom`, which would have to be loaded.
  [Symbol.for('nodejs.util.inspect.custom')]() {
    return `ApiKey(${this.#masked})`;
  }
}

function parsed(value) {
  const { checked, text, unwrap } = require('./later.js');
  return unwrap(JSON.parse(native.parseKey(checked('text', text, value))));
}

/** The key whose parts the addon has told. */
const trusted = (parts) => new ApiKey(undefined, ours, parts);

export { ApiKey, trusted };
