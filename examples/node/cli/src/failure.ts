import { AtmnError } from 'libatmn';

export function printFailure({ message, hint }: AtmnError): void {
  console.error(hint ? `${message}\n${hint}` : message);
}

/** Prints an error and what to do about it. Returns the exit code: 2 usage error, 4 login required, 130 Ctrl-C. */
export function exitCodeOf(error: unknown, interrupted: AbortSignal): number {
  if (interrupted.aborted) return 130;
  if (!(error instanceof AtmnError)) throw error;
  printFailure(error);
  if (error.code === 'invalid_argument') return 2;
  return ['key_not_found', 'login_needed', 'invalid_secret_key'].includes(error.code) ? 4 : 1;
}
