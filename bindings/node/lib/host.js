'use strict';

// The environment variables and the working directory as this program sees them. The addon sees only those of the
// process: a worker, Jest and Bun have others in `process.env`, and reading those of the process is not safe while
// another thread changes them.

const native = require('./native.js');
const { withoutPrototype } = require('./arguments.js');
const { readProperty } = require('./properties.js');

const resolutionVariables = native.resolutionVariables();

/** What a call sees that may do more than find a key. */
function host() {
  const homeDirectory = process.env.HOME === undefined ? accountHome() : undefined;
  return withoutPrototype({ ...take(new Set([...resolutionVariables, ...listed(process.env)])), homeDirectory });
}

/** The options, which have no prototype, and the host of the call. */
function withHost(options) {
  options.host = host();
  return options;
}

/** The options and the host of a login that submits the lines that the user pastes. */
function withReadingHost(options) {
  options.host = host();
  options.host.readsLines = true;
  return options;
}

/** What finding a key needs, which is less to copy. */
function hostForResolution() {
  return withoutPrototype(take(resolutionVariables));
}

/** The variables that an environment lists, its own and those of another one that it inherits from. */
function listed(env) {
  const names = [];
  for (const name in env) names.push(name);
  return names;
}

function take(names) {
  const { env } = process;
  const variables = [];
  for (const name of names) {
    // Another thread may have removed the variable meanwhile.
    const value = readProperty(env, name);
    if (value !== undefined) variables.push(name, String(value));
  }
  return { variables, workingDirectory: workingDirectory() };
}

/** The working directory, unless it was deleted. */
function workingDirectory() {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** The home directory in the system's list of accounts, if this user is in it. */
function accountHome() {
  try {
    return require('node:os').userInfo().homedir || undefined;
  } catch {
    return undefined;
  }
}

module.exports = { host, hostForResolution, withHost, withReadingHost };
