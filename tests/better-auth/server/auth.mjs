// Better Auth, configured as Autumn configures it: an OAuth provider with organizations, one public client, and two users.

import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { getAuthTables } from 'better-auth/db';
import { jwt, organization } from 'better-auth/plugins';
import { oauthProvider } from '@better-auth/oauth-provider';

export const CLIENT_ID = 'hAWUopQqLnsSwuRgeRzIBzKslwXmQUSr';
export const PASSWORD = 'correct horse battery staple';
const CALLBACK_PORTS = [31448, 31449, 31450, 31451, 31452];

const crud = (resource) => ['create', 'read', 'list', 'update', 'delete'].map((action) => `${resource}:${action}`);
/** The scopes that the client may request. Autumn has fixed the list. */
export const SCOPES = [
  ...['customers', 'features', 'plans'].flatMap(crud),
  ...['rewards:read', 'rewards:write', 'apiKeys:create', 'apiKeys:read', 'organisation:read'],
];
// Autumn advertises the scopes of its other clients. This client requests scopes that are not on this list.
const ADVERTISED = ['openid', 'profile', 'email', 'offline_access', 'customers:read', 'customers:write'];

export const ORGANIZATIONS = [
  { id: 'org_6QzTnV2kCopperKettle', slug: 'copper-kettle', name: 'Copper Kettle' },
  { id: 'org_9XwLmD4rNightLibrary', slug: 'night-library', name: 'Night Library' },
  { id: 'org_3HsBpY7fPaperLantern', slug: 'paper-lantern', name: 'Paper Lantern' },
];
// The first session starts in the last organization, which is not the one that the tests choose for Ada.
const PEOPLE = [
  { id: 'usr_Ada8fK2mQ', email: 'ada@example.com', name: 'Ada Blume', member: ['copper-kettle', 'night-library'] },
  { id: 'usr_Ben5tR9wX', email: 'ben@example.com', name: 'Ben Oduya', member: ['paper-lantern'] },
];

export const organizationOf = (slug) => ORGANIZATIONS.find((known) => known.slug === slug);
const activeOrganization = ({ session }) => session?.activeOrganizationId ?? undefined;

/** Creates the server for one base URL, with all users and organizations. */
export async function createAuth(base) {
  const database = {};
  const last = new Map(PEOPLE.map((person) => [person.id, organizationOf(person.member.at(-1)).id]));
  const options = {
    baseURL: base,
    secret: 'a secret for a test server',
    telemetry: { enabled: false },
    logger: { level: 'error' },
    database: memoryAdapter(database),
    emailAndPassword: { enabled: true },
    databaseHooks: {
      session: {
        create: { before: async (session) => ({ data: { ...session, activeOrganizationId: last.get(session.userId) } }) },
        update: { after: async ({ userId, activeOrganizationId }) => void last.set(userId, activeOrganizationId) },
      },
    },
    plugins: [
      jwt(),
      oauthProvider({
        loginPage: `${base}/sign-in`,
        consentPage: `${base}/consent`,
        silenceWarnings: { oauthAuthServerConfig: true, openidConfig: true },
        scopes: [...new Set([...ADVERTISED, ...SCOPES])],
        advertisedMetadata: { scopes_supported: ADVERTISED },
        allowDynamicClientRegistration: true,
        allowUnauthenticatedClientRegistration: true,
        clientReference: activeOrganization,
        // Consent is stored for the organization that is active in the session.
        postLogin: {
          page: `${base}/consent`,
          shouldRedirect: async () => false,
          consentReferenceId: activeOrganization,
        },
      }),
      organization(),
    ],
  };
  for (const { modelName } of Object.values(getAuthTables(options))) database[modelName] = [];
  const auth = betterAuth(options);
  await seed((await auth.$context));
  return { auth, database };
}

async function seed({ adapter, password }) {
  const now = new Date();
  const create = (model, data) =>
    adapter.create({ model, data: { createdAt: now, updatedAt: now, ...data }, forceAllowId: true });
  const hash = await password.hash(PASSWORD);
  for (const organization of ORGANIZATIONS) await create('organization', organization);
  for (const { id, email, name, member } of PEOPLE) {
    await create('user', { id, email, name, emailVerified: true });
    await create('account', { id: `account_${id}`, userId: id, accountId: id, providerId: 'credential', password: hash });
    for (const slug of member) {
      const organizationId = organizationOf(slug).id;
      await create('member', { id: `member_${id}_${slug}`, userId: id, organizationId, role: 'owner' });
    }
  }
  await create('oauthClient', {
    id: 'client_atmn',
    clientId: CLIENT_ID,
    name: 'atmn',
    redirectUris: CALLBACK_PORTS.map((port) => `http://localhost:${port}/`),
    scopes: SCOPES,
    public: true,
    type: 'native',
    tokenEndpointAuthMethod: 'none',
    grantTypes: ['authorization_code'],
    responseTypes: ['code'],
    requirePKCE: true,
    disabled: false,
  });
}
