import { trusted } from './key.mjs';
import { native } from './native.mjs';
import { location, locations } from './location.mjs';

function resolveKey(given) {
  const { failure, value } = JSON.parse(native.resolveKey(given === undefined ? undefined : checked(given)));
  if (failure) require('./later.js').unwrap({ failure });
  const { 0: key, 1: source, 2: skipped } = value;
  return { key: trusted(key), source: location(source), skipped: locations(skipped) };
}

/** Without options, nothing has to be checked, and what checks is not loaded. */
function checked(given) {
  const { options, shapes } = require('./later.js');
  return options(shapes.resolve, given);
}

export { resolveKey };
