import { whoami } from 'libatmn';
import type { Common } from './common.js';

/** `shop env` */
export async function showEnvironment(common: Common, { prod, json }: { prod?: boolean; json?: boolean }) {
  const identity = await whoami({ ...common, environment: prod ? 'live' : 'sandbox' });
  if (json) return console.log(JSON.stringify(identity, null, 2)); // keys are masked
  const { organization, server, key, source } = identity;
  console.log(`Organization  ${organization.name} (${organization.slug})`);
  console.log(`Environment   ${key.environment}`);
  console.log(`Server        ${server}`);
  console.log(`Key           ${key}, from ${source.text}`);
}
