// Middleware fits its framework, and the local Autumn its types. Only compiled.

import express from 'express';
import { Hono } from 'hono';
import type { Client } from 'libatmn';
import { expressMiddleware, fetchMiddleware, honoMiddleware } from 'libatmn/middleware';
import { type LocalAutumn, startAutumn } from 'libatmn/testing';

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
