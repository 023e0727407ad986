'use strict';

// What JSON cannot hold in a result of the addon: keys and dates.

const { keyFromParts } = require('./key.js');

/** Of `resolveKey`, `client.reauthenticate` and `whoami`. */
const withKey = (result) => ({ ...result, key: keyFromParts(result.key) });

const credential = (result) => ({ ...result, key: result.key && keyFromParts(result.key) });

const loginResult = (result) => ({ ...result, keys: result.keys.map(keyFromParts) });

const pendingLogin = (result) => ({ ...result, deadline: new Date(result.deadline) });

const beginLoginResult = (result) => ('url' in result ? pendingLogin(result) : loginResult(result));

const event = ({ code, message, context }) => ({ code, message, context: Object.freeze(context) });

module.exports = { beginLoginResult, credential, event, loginResult, withKey };
