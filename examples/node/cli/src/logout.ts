import { logoutAsync } from 'libatmn';
import type { Common } from './common.js';

/** `shop logout` */
export async function logOut(common: Common): Promise<void> {
  const { path, removed, remaining, note } = await logoutAsync(common);
  if (removed.length === 0) {
    console.log(`${path} has no keys.`);
    return;
  }
  console.log(`Removed ${removed.map(({ masked, variable }) => masked ?? variable).join(' and ')} from ${path}.`);
  for (const location of remaining) console.log(`Remaining: ${location.text}`);
  console.log(note);
}
