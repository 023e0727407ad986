// Each operation: the members of its request, the call, and its result as the protocol names it.

import { Declarations } from '../../../bindings/node/tests/declarations.mjs';

const RESOLVE = ['key', 'environment', 'directory', 'boundary'];
const SAVE = ['directory', 'file', 'allow_tracked', 'gitignore'];
const LOGIN = [...SAVE, 'server', 'sandbox_only', 'organization', 'scopes'];
const CLIENT = [
  ...RESOLVE,
  'server',
  'timeout_ms',
  'retries',
  'response_limit',
  'reauth',
  'organization',
  'login_timeout_ms',
  'open_browser',
];

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
export const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Members as options of the package. */
function options(request, names, more) {
  const given = Object.entries(request.take(...names)).map(([name, value]) => [camel(name), value]);
  return { ...Object.fromEntries(given), ...more };
}

const saved = ({ shadowedBy, ...rest }) => ({ ...rest, shadowed_by: shadowedBy });
const masked = (key) => ({ environment: key.environment, key: `${key}` });

const resolved = ({ key, source, skipped }) => {
  const { kind, environment } = key;
  return { key: key.reveal(), kind, environment, source, skipped };
};

const loginResult = ({ organization, environments, keys, saved: written, scopes }) => ({
  organization,
  environments,
  keys: keys.map(masked),
  kept: written === null,
  saved: written && saved(written),
  scopes,
});

/** Names and values in turn as pairs. */
function paired(flat) {
  const pairs = [];
  for (let index = 0; index < flat?.length; index += 2) pairs.push([flat[index], flat[index + 1]]);
  return flat && pairs;
}

/** A response, or an error that carries one. */
export const responseOf = (response) => ({
  status: response.status,
  content_type: response.header('Content-Type'),
  body: response.text(),
});

export function operations(libatmn, declarations) {
  const client = (request, call) => options(request, CLIENT, call);
  return {
    classify_key(request) {
      const { text } = request.take('text');
      request.end();
      return libatmn.classifyKey(text);
    },
    resolve_key(request) {
      const given = options(request, RESOLVE);
      request.end();
      return resolved(libatmn.resolveKey(given));
    },
    find_key(request) {
      const given = options(request, RESOLVE);
      request.end();
      const found = libatmn.findKey(given);
      return found && resolved(found);
    },
    explain_key(request) {
      const given = options(request, RESOLVE);
      request.end();
      return libatmn.explainKey(given);
    },
    save_keys(request) {
      const { keys } = request.take('keys');
      const given = options(request, SAVE);
      request.end();
      return saved(libatmn.saveKeys(keys, given));
    },
    logout(request) {
      const given = options(request, ['directory', 'file', 'environment', 'server']);
      request.end();
      return libatmn.logout(given);
    },
    async login(request, call) {
      const given = options(request, [...LOGIN, 'force', 'login_timeout_ms', 'open_browser'], call);
      request.end();
      return loginResult(await libatmn.login(given));
    },
    async start_login(request) {
      const given = options(request, [...LOGIN, 'login_timeout_ms', 'open_browser']);
      request.end();
      const attempt = await libatmn.startLogin(given);
      const { url, port, hint, deadline } = attempt;
      attempt.cancel();
      return { url, port, hint, deadline: deadline.getTime() };
    },
    async begin_login(request) {
      const given = options(request, [...LOGIN, 'force']);
      request.end();
      const result = await libatmn.beginLogin(given);
      if (!('url' in result)) return loginResult(result);
      const { url, deadline, note } = result;
      return { url, deadline: deadline.getTime(), note };
    },
    async complete_login(request, call) {
      const { text } = request.take('text');
      const given = options(request, ['login_timeout_ms'], call);
      request.end();
      return loginResult(await libatmn.completeLogin(text, given));
    },
    async whoami(request) {
      const given = options(request, [...RESOLVE, 'server', 'timeout_ms']);
      request.end();
      const { organization, server, key, source, skipped, scopes } = await libatmn.whoami(given);
      return { organization, environment: key.environment, server, key: `${key}`, source, skipped, scopes };
    },
    server_info(request) {
      const given = options(request, ['server']);
      request.end();
      const { apiUrl, dashboardUrl, scopes, clientId } = libatmn.serverInfo(given);
      return { api_url: apiUrl, dashboard_url: dashboardUrl, scopes, client_id: clientId };
    },
    async diagnose(request) {
      const given = options(request, ['directory', 'server', 'offline', 'timeout_ms']);
      request.end();
      return await libatmn.diagnose(given);
    },
    async request(request, call) {
      const { method, path } = request.take('method', 'path');
      const { query, headers } = request.take('query', 'headers');
      const more = request.take('request_timeout_ms', 'request_retries', 'any_status');
      const sent = options(request, ['body', 'content_type', 'idempotency_key'], {
        query: paired(query),
        headers: paired(headers),
        timeoutMs: more.request_timeout_ms,
        retries: more.request_retries,
        throw: more.any_status === undefined ? undefined : !more.any_status,
      });
      const { body_hex: hex } = request.take('body_hex');
      if (hex !== undefined) sent.body = Buffer.from(hex, 'hex');
      const given = client(request, call);
      request.end();
      return responseOf(await new libatmn.Client(given).request(method, path, sent));
    },
    async reauthenticate(request, call) {
      const { rejected } = request.take('rejected');
      const given = client(request, call);
      request.end();
      return resolved(await new libatmn.Client(given).reauthenticate(rejected));
    },
    async authenticate(request, call, Failure) {
      const { method, path, authorization, client_type, store } = request.take(
        'method',
        'path',
        'authorization',
        'client_type',
        'store',
      );
      const given = options(request, ['accepts'], call);
      request.end();
      let wasCalled = false;
      const verify = ({ kind, environment, key }) => {
        if (store === 'cannot_tell') throw new Error('store is down');
        if (store === 'unknown') return null;
        if (store === 'false') return false;
        wasCalled = store === undefined;
        return { kind, environment, key: key?.reveal() ?? null };
      };
      const headers = { authorization, 'x-client-type': client_type };
      const principal = await libatmn.authenticate({ method, path, headers }, verify, given);
      if (wasCalled) throw new Failure('verify was called');
      return principal;
    },
    surface: () => surface(libatmn, new Declarations(declarations)),
  };
}

/** Listeners and signals, which are not options in the other languages. */
const CALL_OPTIONS = ['on_event', 'signal'];

/** Options with a name of JavaScript's own. */
const IDIOMS = { throw: 'any_status' };

/** The options of a call, which its error for an unknown option lists. */
async function optionsOf(call) {
  // A name that resembles none.
  const error = await (async () => call({ QQQQQQQQQQ: 1 }))().catch((error) => error);
  const names = /; there (?:are|is only) (.*)\.$/.exec(error.message)[1].split(', ');
  return names
    .map(snake)
    .filter((name) => !CALL_OPTIONS.includes(name))
    .map((name) => IDIOMS[name] ?? name.replace(/_ms$/, ''));
}

/** The methods of a class; getters are fields. */
function methodsOf({ prototype }) {
  const own = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  const functions = own.filter(
    ([name, { value }]) => name !== 'constructor' && typeof value === 'function' && !HELPERS.test(name),
  );
  return functions.map(([name]) => snake(name));
}

/** Helpers, what plugs into other packages, and the asynchronous forms of operations: the other languages have others. */
const HELPERS = /^(configure|fetch|secretKey|\w+Listener|\w+Async)$/;

/** Whether the package or a client has an operation of this name. */
function isOperation(libatmn, name) {
  return !HELPERS.test(name) && typeof (libatmn[name] ?? libatmn.Client.prototype[name]) === 'function';
}

async function surface(libatmn, declared) {
  const client = new libatmn.Client();
  const calls = {
    resolve_key: libatmn.resolveKey,
    find_key: libatmn.findKey,
    explain_key: libatmn.explainKey,
    save_keys: (given) => libatmn.saveKeys(['am_sk_test_x'], given),
    logout: libatmn.logout,
    login: libatmn.login,
    start_login: libatmn.startLogin,
    begin_login: libatmn.beginLogin,
    complete_login: (given) => libatmn.completeLogin('', given),
    whoami: libatmn.whoami,
    server_info: libatmn.serverInfo,
    diagnose: libatmn.diagnose,
    client: (given) => new libatmn.Client(given),
    request: (given) => client.request('GET', '/', given),
    authenticate: (given) => libatmn.authenticate({ method: 'GET', path: '/', headers: {} }, () => null, given),
  };
  const options = {};
  for (const [name, call] of Object.entries(calls)) options[name] = await optionsOf(call);
  const functions = Object.keys(libatmn).filter((name) => /^[a-z]/.test(name) && typeof libatmn[name] === 'function');
  const methods = {
    attempt: methodsOf(libatmn.LoginAttempt),
    client: methodsOf(libatmn.Client),
  };
  const fields = (name) => declared.fields(name).map(snake);
  return {
    operations: [...functions, 'request', 'reauthenticate'].filter((name) => isOperation(libatmn, name)).map(snake),
    methods,
    options,
    results: {
      key_class: fields('KeyClass'),
      location: fields('Location'),
      resolved_key: fields('ResolvedKey'),
      save_result: fields('SaveResult'),
      logout_result: fields('LogoutResult'),
      login_result: fields('LoginResult'),
      organization: fields('Organization'),
      pending_login: fields('PendingLogin'),
      attempt: fields('LoginAttempt'),
      identity: fields('Identity'),
      server_facts: fields('ServerFacts'),
      diagnosis: fields('Diagnosis'),
      check: fields('Check'),
      response: fields('ApiResponse'),
      credential: fields('Credential'),
      event: fields('EventOf'),
      error: [...fields('AtmnError'), ...['message'].filter((name) => name in Error.prototype)],
    },
    words: {
      kind: declared.names('KeyKind'),
      environment: declared.names('Environment'),
      origin: declared.names('Origin'),
      outcome: declared.names('Outcome'),
      git: declared.names('Git'),
      gitignore: declared.names('Gitignore'),
      reauth: declared.names('Reauth'),
      accepts: declared.names('Accepts'),
      check_outcome: declared.names('CheckOutcome'),
    },
    error_codes: declared.names('ErrorCode'),
    event_codes: declared.names('EventCode'),
  };
}
