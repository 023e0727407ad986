import { AtmnError } from 'libatmn';

/** Says what went wrong and what to do. Answers the exit code: 2 wrong use, 4 somebody has to log in, 130 Ctrl-C. */
export function describe(error) {
  if (error.name === 'AbortError') return 130;
  const isWrongUse = error instanceof TypeError && error.code === 'invalid_argument';
  if (!isWrongUse && !(error instanceof AtmnError)) throw error;
  console.error(error.hint ? `${error.message}\n${error.hint}` : error.message);
  if (isWrongUse) return 2;
  return ['key_not_found', 'login_needed', 'invalid_secret_key'].includes(error.code) ? 4 : 1;
}
