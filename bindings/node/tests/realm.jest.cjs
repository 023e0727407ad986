// Run by Jest, whose tests have other classes than the modules of Node.

const { ApiKey, AtmnError, classifyKey, explainKey, login, resolveKey } = require('libatmn');

test('errors, keys and results are of this realm', async () => {
  expect(() => new ApiKey('no')).toThrow(AtmnError);
  expect(() => new ApiKey(7)).toThrow(TypeError);
  expect(classifyKey('am_sk_live_x')).toStrictEqual({ kind: 'secret', environment: 'live' });
  expect(explainKey({ directory: '/', boundary: '/' })).toBeInstanceOf(Array);
  expect(resolveKey({ key: new ApiKey('am_sk_test_0123456789') }).skipped).toStrictEqual([]);
});

test('a signal of this realm ends a login', async () => {
  const controller = new AbortController();
  const onEvent = () => controller.abort(new Error('enough'));
  const options = { server: process.env.AUTUMN_URL, openBrowser: false, onEvent, signal: controller.signal };
  await expect(login(options)).rejects.toThrow('enough');
});

test('a key survives when modules are loaded anew', () => {
  const key = new ApiKey('am_sk_test_0123456789');
  jest.resetModules();
  expect(require('libatmn').resolveKey({ key }).key.reveal()).toBe('am_sk_test_0123456789');
});
