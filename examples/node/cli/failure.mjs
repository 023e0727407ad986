import { AtmnError } from 'libatmn';

/** Prints an error and what to do about it. Returns the exit code: 2 usage error, 4 login required, 130 Ctrl-C. */
export function exitCodeOf(error) {
  if (error.name === 'AbortError') return 130;
  if (!(error instanceof AtmnError)) throw error;
  console.error(error.hint ? `${error.message}\n${error.hint}` : error.message);
  if (error.code === 'invalid_argument') return 2;
  return ['key_not_found', 'login_needed', 'invalid_secret_key'].includes(error.code) ? 4 : 1;
}
