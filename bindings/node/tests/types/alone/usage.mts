// A program in a project that has neither `@types/node` nor the DOM. Only compiled.

import { type AbortSignalLike, Client, completeLogin, login, whoami } from 'libatmn';

declare const signal: AbortSignalLike;

await login({ signal, onEvent: () => {} });
await completeLogin('http://localhost:31448/', { signal });
await whoami({ signal, directory: undefined });
export const response: unknown = await new Client().fetch('/v1/customers', { method: 'POST' });
await new Client().request('GET', '/v1/customers', { signal, query: { limit: undefined } });
