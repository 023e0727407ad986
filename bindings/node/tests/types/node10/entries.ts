// All entries of the package. Only compiled.

import { type Client, login, resolveKey } from 'libatmn';
import { expressMiddleware, fetchMiddleware, honoMiddleware } from 'libatmn/middleware';
import { type LocalAutumn, startAutumn } from 'libatmn/testing';

export const keys: string = resolveKey().key.masked;
export const operations = [login, expressMiddleware, fetchMiddleware, honoMiddleware];
export async function client(): Promise<Client> {
  const autumn: LocalAutumn = await startAutumn();
  return autumn.client();
}
// @ts-expect-error the types of the entries are not `any`
startAutumn(7);
// @ts-expect-error the same
fetchMiddleware(7);
