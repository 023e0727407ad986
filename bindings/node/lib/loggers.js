'use strict';

// Listeners for the logs of a program. They leave out the login URL, which is for the user who logs in.

const { argument, listener } = require('./arguments.js');

const WARNINGS = new Set(['browser_failed', 'key_rejected', 'request_refused', 'retrying']);

function consoleListener(target = console) {
  for (const level of ['info', 'warn']) argument(`target.${level}`, listener, target?.[level]);
  return withoutLoginUrl(({ code, message }) => target[levelOf(code)](message));
}

function pinoListener(logger) {
  for (const level of ['info', 'warn']) argument(`logger.${level}`, listener, logger?.[level]);
  return withoutLoginUrl(({ code, message, context }) => logger[levelOf(code)]({ ...context, event: code }, message));
}

const levelOf = (code) => (WARNINGS.has(code) ? 'warn' : 'info');

/** Passes events on; where one names a login URL, it says so instead. */
function withoutLoginUrl(log) {
  const urls = [];
  const clean = (text) => urls.reduce((rest, url) => rest.replaceAll(url, '(login URL)'), text);
  return ({ code, message, context }) => {
    if (code === 'login_url') urls.push(context.url);
    const cleaned = Object.entries(context).map(([name, value]) => [
      name,
      typeof value === 'string' ? clean(value) : value,
    ]);
    log({ code, message: clean(message), context: Object.fromEntries(cleaned) });
  };
}

module.exports = { consoleListener, pinoListener };
