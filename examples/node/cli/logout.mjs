import { logout } from 'libatmn';

/** `shop logout` */
export function logOut(common) {
  const { path, removed, remaining, note } = logout(common);
  if (removed.length === 0) return console.log(`${path} has no keys.`);
  console.log(`Removed ${removed.map(({ masked, variable }) => masked ?? variable).join(' and ')} from ${path}.`);
  for (const location of remaining) console.log(`Remaining: ${location.text}`);
  console.log(note);
}
