// Middleware fits its framework, and the local Autumn its types. Only compiled.

import express from 'express';
import { Hono } from 'hono';
import type { Client } from 'libatmn';
import { expressMiddleware, fetchMiddleware, honoMiddleware } from 'libatmn/middleware';
import { type LocalAutumn, type LoggedRequest, startAutumn } from 'libatmn/testing';

express().use(
  '/v1',
  expressMiddleware(({ key }) => key, { accepts: 'any' }),
);
new Hono<{ Variables: { principal: string } }>().use(
  '/v1/*',
  honoMiddleware(async () => 'x'),
);
const wrapped = fetchMiddleware(
  (_request: Request, principal: { name: string }, params: { id: string }) => new Response(principal.name + params.id),
  ({ key }) => key && { name: key.masked },
);
export const answer: Promise<Response> = wrapped(new Request('http://a'), { id: '1' });
// @ts-expect-error the handler's own arguments stay
wrapped(new Request('http://a'));
const autumn: LocalAutumn = await startAutumn();
export const client: Client = await autumn.client({ onEvent: autumn.onEvent });
export const logged: LoggedRequest | undefined = (await autumn.requests())[0];
export const words: (string | number | undefined)[] = [
  logged?.query,
  logged?.headers['x-tag'],
  logged?.body,
  logged?.status,
];
export const variables: { AUTUMN_SECRET_KEY: string } = await autumn.variables({ organization: 'copper-kettle' });
await autumn.approve('http://a', { organization: 'copper-kettle' });
// @ts-expect-error there is no such environment
await autumn.secretKey('prod');
