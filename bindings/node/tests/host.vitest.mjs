// Run by vitest in a project with a live key in `.env`.

import { resolveKey } from 'libatmn';
import { expect, test, vi } from 'vitest';

test('a variable that the test stubs takes precedence over .env', () => {
  vi.stubEnv('AUTUMN_SECRET_KEY', 'am_sk_test_0123456789');
  expect(resolveKey().key.reveal()).toBe('am_sk_test_0123456789');
  vi.unstubAllEnvs();
  expect(resolveKey().source.origin).toBe('env_file');
});
