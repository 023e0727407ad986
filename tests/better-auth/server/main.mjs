// The parts of Autumn that a login needs: Better Auth with sign-in pages and Autumn's routes. `node server/main.mjs [PORT]`
// prints its URL and ends when its standard input does. The routes under /_test/ are for tests and show whole keys.

import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { oauthProviderAuthServerMetadata, oauthProviderOpenIdConfigMetadata } from '@better-auth/oauth-provider';
import { createAuth } from './auth.mjs';
import { Autumn } from './autumn.mjs';
import { consentPage, signInPage } from './pages.mjs';

const METADATA = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-authorization-server/api/auth',
  '/api/auth/.well-known/oauth-authorization-server',
];

const server = createServer();
await new Promise((listening) => server.listen(Number(process.argv[2] ?? 0), 'localhost', listening));
const base = `http://localhost:${server.address().port}`;
const { auth, database } = await createAuth(base);
const autumn = new Autumn({ auth, database });
const log = [];

async function answer(request) {
  const { pathname } = new URL(request.url);
  const at = `${request.method} ${pathname}`;
  if (pathname.startsWith('/_test/')) return control(at, request);
  if (at === 'GET /sign-in') return signInPage();
  if (at === 'GET /consent') return consentPage(auth, request);
  if (METADATA.includes(pathname)) return withoutIssuerParameter(await oauthProviderAuthServerMetadata(auth)(request));
  if (pathname === '/api/auth/.well-known/openid-configuration') {
    return withoutIssuerParameter(await oauthProviderOpenIdConfigMetadata(auth)(request));
  }
  if (pathname.startsWith('/api/auth/')) return auth.handler(request);
  return (await autumn.answer(request)) ?? new Response('404 Not Found', { status: 404 });
}

/** Autumn's metadata says that it does not send the parameter `iss`, although it does. */
async function withoutIssuerParameter(response) {
  const document = { ...(await response.json()), authorization_response_iss_parameter_supported: false };
  return Response.json(document, { headers: { 'cache-control': response.headers.get('cache-control') } });
}

async function control(at, request) {
  if (at === 'GET /_test/keys') return Response.json(autumn.keys);
  if (at === 'GET /_test/log') return Response.json(log);
  if (at === 'GET /_test/tokens') return Response.json({ active: autumn.activeTokens() });
  if (at === 'POST /_test/revoke') return Response.json({ revoked: autumn.revoke((await request.json()).key) });
  return Response.json({ message: 'No such control', code: 'BAD_REQUEST' }, { status: 400 });
}

function toRequest(incoming) {
  const headers = new Headers();
  for (let i = 0; i < incoming.rawHeaders.length; i += 2) headers.append(incoming.rawHeaders[i], incoming.rawHeaders[i + 1]);
  const body = ['GET', 'HEAD'].includes(incoming.method) ? undefined : Readable.toWeb(incoming);
  return new Request(base + incoming.url, { method: incoming.method, headers, body, duplex: 'half' });
}

server.on('request', async (incoming, outgoing) => {
  let response;
  try {
    response = await answer(toRequest(incoming));
  } catch (error) {
    console.error(error);
    response = Response.json({ message: 'Internal server error', code: 'internal_error' }, { status: 500 });
  }
  const path = incoming.url.split('?')[0];
  if (!path.startsWith('/_test/')) log.push({ method: incoming.method, path, status: response.status });
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  outgoing.end(Buffer.from(await response.arrayBuffer()));
});

console.log(base);
// The process that started the server holds the other end of stdin, so the server ends with it.
process.stdin.resume().on('end', () => process.exit());
