// Run by Jest: the package is replaced by mocks that Jest derives from its exports.

jest.mock('libatmn');
const libatmn = require('libatmn');

test('jest.mock replaces functions and classes', async () => {
  libatmn.whoami.mockResolvedValue('mocked');
  expect(await libatmn.whoami()).toBe('mocked');
  const client = new libatmn.Client();
  client.request.mockResolvedValue({ status: 200 });
  expect(await client.request('GET', '/')).toEqual({ status: 200 });
  expect(libatmn.resolveKey()).toBeUndefined();
});

test('jest.spyOn replaces one function of the real package', () => {
  const actual = jest.requireActual('libatmn');
  const spy = jest.spyOn(actual, 'resolveKey').mockReturnValue('mocked');
  expect(actual.resolveKey()).toBe('mocked');
  spy.mockRestore();
  expect(actual.classifyKey('am_sk_test_x').kind).toBe('secret');
});

test('keys with different texts are not equal', () => {
  const { ApiKey } = jest.requireActual('libatmn');
  expect(new ApiKey('am_sk_test_aaaa0123456789')).not.toEqual(new ApiKey('am_sk_test_bbbb0123456789'));
  expect(new ApiKey('am_sk_test_aaaa0123456789')).toEqual(new ApiKey('am_sk_test_aaaa0123456789'));
});
