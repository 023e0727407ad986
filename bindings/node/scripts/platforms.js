'use strict';

// The platforms with a binary package, from the targets in package.json.

const { napi } = require('../package.json');

const systems = {
  'apple-darwin': { os: 'darwin' },
  'unknown-linux-gnu': { os: 'linux', libc: 'glibc', suffix: 'gnu' },
  'unknown-linux-musl': { os: 'linux', libc: 'musl', suffix: 'musl' },
  'pc-windows-msvc': { os: 'win32', suffix: 'msvc' },
};
const processors = { aarch64: 'arm64', x86_64: 'x64' };

function platform(triple) {
  const [processor, ...rest] = triple.split('-');
  const cpu = processors[processor];
  const { os, libc, suffix } = systems[rest.join('-')];
  const name = [os, cpu, suffix].filter(Boolean).join('-');
  return [name, { triple, os: [os], cpu: [cpu], libc: libc && [libc] }];
}

const platforms = Object.fromEntries(napi.targets.map(platform));

/** The name of the current platform. */
function hostPlatform() {
  const glibc = process.report.getReport().header.glibcVersionRuntime;
  const libc = glibc ? 'glibc' : 'musl';
  const fits = ([, { os, cpu, libc: wanted }]) =>
    os.includes(process.platform) && cpu.includes(process.arch) && (wanted?.includes(libc) ?? true);
  return Object.entries(platforms).find(fits)?.[0];
}

module.exports = { hostPlatform, platforms };
