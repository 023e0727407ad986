// Run by Jest, whose tests have other classes than the modules of Node.

const { ApiKey, AtmnError, classifyKey, explainKey, login, resolveKey } = require('libatmn');

test('errors, keys and results belong to the realm of the test', async () => {
  expect(() => new ApiKey('no')).toThrow(AtmnError);
  expect(() => new ApiKey(7)).toThrow(TypeError);
  expect(classifyKey('am_sk_live_x')).toStrictEqual({ kind: 'secret', environment: 'live' });
  expect(explainKey({ directory: '/', boundary: '/' })).toBeInstanceOf(Array);
  expect(resolveKey({ key: new ApiKey('am_sk_test_0123456789') }).skipped).toStrictEqual([]);
});

test('a signal of the realm ends a login', async () => {
  const controller = new AbortController();
  const onEvent = () => controller.abort(new Error('enough'));
  const options = { server: process.env.AUTUMN_URL, openBrowser: false, onEvent, signal: controller.signal };
  await expect(login(options)).rejects.toThrow('enough');
});

test('a key stays valid after jest.resetModules', () => {
  const key = new ApiKey('am_sk_test_0123456789');
  jest.resetModules();
  expect(require('libatmn').resolveKey({ key }).key.reveal()).toBe('am_sk_test_0123456789');
});
