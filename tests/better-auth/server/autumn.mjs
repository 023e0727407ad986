// Autumn's own routes: the one that creates keys for an access token, and the API that accepts the keys. Refusals, their
// order and their codes follow Autumn's source, which differs from its documentation.

import { createHash, randomBytes } from 'node:crypto';
import { ORGANIZATIONS, organizationOf } from './auth.mjs';

const PREFIXES = {
  secret: { sandbox: 'am_sk_test_', live: 'am_sk_live_' },
  publishable: { sandbox: 'am_pk_test_', live: 'am_pk_live_' },
};
const PUBLIC = [
  ['GET', /^\/v1\/products$/],
  ['POST', /^\/v1\/entitled$/],
  ['POST', /^\/v1\/check$/],
  ['GET', /^\/v1\/customers\/[^/]+$/],
];

/** Endpoints with the scope that each needs. */
const SCOPES = [
  [/^GET \/v1\/customers(\/[^/]+)?$/, 'customers:read'],
  [/^POST \/v1\/customers$/, 'customers:write'],
  [/^(GET \/v1\/products|POST \/v1\/plans\.list)$/, 'plans:read'],
  [/^POST \/v1\/(check|entitled)$/, 'balances:read'],
  [/^POST \/v1\/track$/, 'balances:write'],
  [/^POST \/v1\/attach$/, 'billing:write'],
];

/** Keys without scopes are old ones that may do everything; the write scope includes the read one. */
const mayDo = (scopes, needed) =>
  scopes.length === 0 || scopes.includes(needed) || scopes.includes(needed.replace(/:read$/, ':write'));

/** An error response of Autumn. */
class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

export class Autumn {
  keys = [];
  customers = new Map();

  constructor({ auth, database }) {
    this.auth = auth;
    this.database = database;
    for (const { slug } of ORGANIZATIONS) {
      for (const environment of ['sandbox', 'live']) {
        for (const kind of ['publishable', 'secret']) this.mint(slug, kind, environment, 'Backend');
      }
      this.customers.set(`${slug} sandbox`, [customer('cus_first', 'sandbox', 'First Customer', 'first@example.com')]);
      this.customers.set(`${slug} live`, []);
    }
  }

  mint(organization, kind, environment, name, scopes = []) {
    const tail = randomBytes(64).toString('base64').replace(/[^A-Za-z0-9]/g, '').slice(0, 42);
    const key = PREFIXES[kind][environment] + tail;
    this.keys.push({ key, kind, environment, organization, name, revoked: false, scopes });
    return key;
  }

  revoke(key) {
    const known = this.keys.find((known) => known.key === key && !known.revoked);
    if (known) known.revoked = true;
    return known !== undefined;
  }

  /** The number of access tokens that are still valid. */
  activeTokens() {
    return this.database.oauthAccessToken.filter((token) => token.expiresAt > new Date()).length;
  }

  /** Answers requests for Autumn's routes; returns `undefined` for all others. */
  async answer(request) {
    const { pathname } = new URL(request.url);
    try {
      if (request.method === 'POST' && pathname === '/cli/api-keys') return await this.mintKeys(request);
      if (pathname.startsWith('/v1/')) return await this.call(request, pathname);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { message, code, status } = error;
      // Autumn's source reports the sandbox for every request without a valid key, even for live keys.
      return Response.json({ message, code, env: error.env ?? 'sandbox' }, { status });
    }
    return undefined;
  }

  async mintKeys(request) {
    const text = await request.text();
    if (text && !isObject(text)) throw new ApiError(400, 'invalid_request', 'Invalid request body');
    const authorization = request.headers.get('authorization') ?? '';
    if (!authorization.startsWith('Bearer ')) {
      throw new ApiError(401, 'invalid_request', 'Missing or invalid Authorization header');
    }
    const hash = createHash('sha256').update(authorization.slice('Bearer '.length)).digest('base64url');
    const token = this.database.oauthAccessToken.find((token) => token.token === hash && token.expiresAt > new Date());
    if (!token) throw new ApiError(401, 'invalid_request', 'Invalid or expired access token');
    const { slug } = ORGANIZATIONS.find((organization) => organization.id === token.referenceId);
    const wanted = (text && JSON.parse(text).scopes) || token.scopes;
    if (!wanted.every((scope) => token.scopes.includes(scope))) {
      throw new ApiError(400, 'invalid_request', 'Requested scopes exceed those of the OAuth token');
    }
    const scopes = keyScopes(wanted);
    return Response.json({
      sandbox_key: this.mint(slug, 'secret', 'sandbox', 'CLI Key', scopes),
      prod_key: this.mint(slug, 'secret', 'live', 'CLI Key', scopes),
      org_id: token.referenceId,
      user_id: token.userId,
      client_id: token.clientId,
      scopes,
    });
  }

  /** The key that the request carries. */
  authenticate(request, pathname) {
    if (request.headers.get('x-client-type') === 'dashboard') {
      throw new ApiError(401, 'no_auth_header', 'Unauthorized - no session found');
    }
    const authorization = request.headers.get('authorization') ?? '';
    const token = authorization.startsWith('Bearer ') && authorization.slice('Bearer '.length).trim();
    if (!token) throw new ApiError(401, 'no_secret_key', 'Secret key not found in Authorization header');
    const isPublishable = token.startsWith('am_pk');
    if (isPublishable && !PUBLIC.some(([method, path]) => method === request.method && path.test(pathname))) {
      const message = `Endpoint ${pathname} not accessible via publishable key. Please try with a secret key instead.`;
      throw new ApiError(401, 'endpoint_not_public', message);
    }
    if (!isPublishable && !token.startsWith('am_sk')) {
      throw new ApiError(401, 'invalid_request', 'Invalid authorization token prefix');
    }
    const known = this.keys.find((known) => known.key === token && !known.revoked);
    if (!known && isPublishable) throw new ApiError(401, 'invalid_publishable_key', 'Invalid publishable key');
    if (!known) throw new ApiError(401, 'invalid_secret_key', `Invalid secret key: ${token.slice(0, 15)}***`);
    return known;
  }

  async call(request, pathname) {
    const known = this.authenticate(request, pathname);
    try {
      return await this.endpoint(request, pathname, known);
    } catch (error) {
      throw error instanceof ApiError ? Object.assign(error, { env: known.environment }) : error;
    }
  }

  async endpoint(request, pathname, { organization, environment, scopes }) {
    const own = this.customers.get(`${organization} ${environment}`);
    const at = `${request.method} ${pathname}`;
    const [, needed] = SCOPES.find(([endpoint]) => endpoint.test(at)) ?? [];
    if (needed && !mayDo(scopes, needed)) {
      throw new ApiError(403, 'insufficient_scopes', `Insufficient scopes. Missing: ${needed}`);
    }
    if (at === 'GET /v1/organization/me') {
      const { id, name, slug } = organizationOf(organization);
      return Response.json({ id, name, slug, env: environment });
    }
    if (at === 'GET /v1/products' || at === 'POST /v1/plans.list') return Response.json({ list: [] });
    if (at === 'GET /v1/customers') {
      const query = new URL(request.url).searchParams;
      const [limit, offset] = [Number(query.get('limit') ?? 10), Number(query.get('offset') ?? 0)];
      const list = own.slice(offset, offset + limit);
      const has_more = own.length > offset + limit;
      return Response.json({ list, total: own.length, limit, offset, has_more });
    }
    if (at === 'POST /v1/customers') {
      const text = await request.text();
      const body = isObject(text) ? JSON.parse(text) : {};
      const id = body.customer_id ?? body.id;
      if (typeof id !== 'string' || !id) throw new ApiError(400, 'invalid_inputs', 'customer_id is required');
      const known = own.find((customer) => customer.id === id);
      const made = known ?? customer(id, environment, body.name ?? null, body.email ?? null);
      if (!known) own.push(made);
      return Response.json(made);
    }
    const id = /^GET \/v1\/customers\/([^/]+)$/.exec(at)?.[1];
    if (!id) throw new ApiError(404, 'not_found', 'No such endpoint');
    const found = own.find((customer) => customer.id === decodeURIComponent(id));
    if (!found) throw new ApiError(404, 'customer_not_found', 'Customer not found');
    return Response.json(found);
  }
}

/** A new customer, with the fields that Autumn's SDKs require. */
const customer = (id, env, name, email) => ({
  ...{ id, name, email, created_at: Date.now(), fingerprint: null, stripe_id: null, env },
  ...{ metadata: {}, send_email_receipts: false, billing_controls: {} },
  ...{ subscriptions: [subscription()], purchases: [], licenses: [], balances: { messages: messages() }, flags: {} },
});

/** The plan of every customer. */
const subscription = () => ({
  ...{ id: 'sub_free', plan_id: 'free', auto_enable: true, add_on: false, status: 'active', past_due: false, quantity: 1 },
  ...{ canceled_at: null, expires_at: null, trial_ends_at: null, started_at: Date.now() },
  ...{ current_period_start: null, current_period_end: null },
});

const messages = () => ({
  ...{ feature_id: 'messages', granted: 100, usage: 0, remaining: 100, unlimited: false },
  ...{ overage_allowed: false, max_purchase: null, next_reset_at: null },
});

/** Keys have Autumn's newer scopes, `read` and `write`, where tokens have one scope for each action. */
const keyScopes = (scopes) =>
  [...new Set(scopes.map((scope) => scope.replace(/:(create|update|delete)$/, ':write').replace(/:list$/, ':read')))];

function isObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
