'use strict';

// Reads properties of objects of the program as the program sees them, but never from `Object.prototype`, which other code
// may have polluted: with an `originalUrl` there, every request would look like another one.

/** The property of the object or of its prototypes. Requests of Node and fetch have getters on theirs. */
function readProperty(object, name) {
  if (!isObject(object)) return undefined;
  const value = object[name];
  if (value === undefined) return undefined;
  for (let owner = object; owner !== null; owner = Object.getPrototypeOf(owner)) {
    if (Object.hasOwn(owner, name)) return isObjectPrototype(owner) ? undefined : value;
  }
  // A proxy answers for properties that it does not list.
  return value;
}

/** Whether the properties of a value can be read: not those of a revoked proxy, with which each operation fails. */
function isReadable(value) {
  try {
    if (isObject(value) || typeof value === 'function') Object.getPrototypeOf(value);
    return true;
  } catch {
    return false;
  }
}

const isObject = (value) => typeof value === 'object' && value !== null;

/** Whether all properties of an object are its own, apart from those of `Object.prototype`. */
function isPlain(object) {
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || isObjectPrototype(prototype);
}

/** Of any realm: it has no prototype, and it is the only such object with its own `hasOwnProperty`. */
const isObjectPrototype = (value) =>
  Object.getPrototypeOf(value) === null && Object.hasOwn(value, 'hasOwnProperty') && Object.hasOwn(value, '__proto__');

module.exports = { isPlain, isReadable, readProperty };
