'use strict';

// The shapes of results. They are made anew here, so that their objects belong to the caller's realm (Jest has others).

const { ApiKey } = require('./key.js');

const place = ({ origin, variable, path, line, outcome, masked, reason, text }) => ({
  origin,
  variable,
  path,
  line,
  outcome,
  masked,
  reason,
  text,
});
const places = (found) => Array.from(found, place);

const apiKey = (text) => new ApiKey(text);

const keyClass = ({ kind, environment }) => ({ kind, environment });

const resolved = ({ key, source, skipped }) => ({
  key: apiKey(key),
  source: place(source),
  skipped: places(skipped),
});

const saved = ({ path, created, git, replaced, shadowedBy, locked }) => ({
  path,
  created,
  git,
  replaced: places(replaced),
  shadowedBy: places(shadowedBy),
  locked,
});

const loggedOut = ({ path, removed, remaining, note, locked }) => ({
  path,
  removed: places(removed),
  remaining: places(remaining),
  note,
  locked,
});

const organization = ({ id, name, slug }) => ({ id, name, slug });

const loggedIn = ({ organization: whose, environments, keys, saved: written }) => ({
  organization: whose && organization(whose),
  environments: Array.from(environments),
  keys: Array.from(keys, apiKey),
  saved: written && saved(written),
});

const pendingLogin = ({ url, deadline, note }) => ({ url, deadline: new Date(deadline), note });

const identity = ({ organization: whose, server, key, source, skipped }) => ({
  organization: organization(whose),
  server,
  ...resolved({ key, source, skipped }),
});

const credential = ({ kind, environment, key }) => ({ kind, environment, key: key && apiKey(key) });

const event = ({ code, level, message, context }) => ({
  code,
  level,
  message,
  context: Object.freeze({ ...context }),
});

module.exports = {
  credential,
  event,
  identity,
  keyClass,
  loggedIn,
  loggedOut,
  pendingLogin,
  places,
  resolved,
  saved,
};
