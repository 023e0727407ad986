// Run by vitest.

import * as libatmn from 'libatmn';
import { expect, test, vi } from 'vitest';

vi.mock('libatmn', { spy: true });

test('vi.mock replaces functions', () => {
  vi.mocked(libatmn.resolveKey).mockReturnValue('mocked');
  expect(libatmn.resolveKey()).toBe('mocked');
  expect(libatmn.classifyKey('am_sk_test_x')).toEqual({ kind: 'secret', environment: 'sandbox' });
});

test('keys with different texts are not equal', () => {
  const first = new libatmn.ApiKey('am_sk_test_aaaa0123456789');
  expect(first).not.toEqual(new libatmn.ApiKey('am_sk_test_bbbb0123456789'));
});
