// Run by Jest in a project with a live key in `.env`. Jest gives each test file its own `process.env`.

const { resolveKey } = require('libatmn');

test('a variable that the test sets takes precedence over .env', () => {
  process.env.AUTUMN_SECRET_KEY = 'am_sk_test_0123456789';
  expect(resolveKey().key.reveal()).toBe('am_sk_test_0123456789');
});

test('a process.env that the test replaces is used', () => {
  process.env = { ...process.env, AUTUMN_SECRET_KEY: 'am_sk_test_9876543210' };
  expect(resolveKey().key.reveal()).toBe('am_sk_test_9876543210');
});

test('a variable that the test deletes is absent', () => {
  delete process.env.AUTUMN_SECRET_KEY;
  expect(resolveKey().source.origin).toBe('env_file');
});
