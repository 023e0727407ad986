'use strict';

// The shapes of results. They are made anew here, so that their objects belong to the caller's realm (Jest has others).

// Of keys, there must be one class only: the one that is loaded first.
const { ApiKey } = require('./index.js');
const { location, locations } = require('./location.mjs');

const apiKey = ([text]) => new ApiKey(text);

const keyClass = ({ kind, environment }) => ({ kind, environment });

const resolved = ({ 0: key, 1: source, 2: skipped }) => ({
  key: apiKey(key),
  source: location(source),
  skipped: locations(skipped),
});

const saved = ({ path, created, git, replaced, shadowedBy, locked }) => ({
  path,
  created,
  git,
  replaced: locations(replaced),
  shadowedBy: locations(shadowedBy),
  locked,
});

const logoutResult = ({ path, removed, remaining, note, locked }) => ({
  path,
  removed: locations(removed),
  remaining: locations(remaining),
  note,
  locked,
});

const organization = ({ id, name, slug }) => ({ id, name, slug });

const loginResult = ({ organization: whose, environments, keys, saved: written }) => ({
  organization: whose && organization(whose),
  environments: Array.from(environments),
  keys: Array.from(keys, (one) => apiKey(one)),
  saved: written && saved(written),
});

const pendingLogin = ({ url, deadline, note }) => ({ url, deadline: new Date(deadline), note });

const identity = ({ organization: whose, server, resolved: found }) => ({
  organization: organization(whose),
  server,
  ...resolved(found),
});

const credential = ({ kind, environment, key }) => ({ kind, environment, key: key && apiKey(key) });

const event = ({ code, message, context }) => ({
  code,
  message,
  context: Object.freeze({ ...context }),
});

module.exports = {
  credential,
  event,
  identity,
  keyClass,
  loginResult,
  logoutResult,
  pendingLogin,
  resolved,
  saved,
};
