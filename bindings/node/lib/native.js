'use strict';

// Loads the addon from the package of this platform, and from nowhere else: where this file is bundled, its folder is the
// user's. In a checkout, `scripts/link.js` makes that package.

const version = require('./version.js');

/** The packages that may fit, the likeliest first. On Linux, only loading a binary shows which C library it needs. */
function candidates() {
  const name = `${process.platform}-${process.arch}`;
  switch (process.platform) {
    case 'linux':
      return [`${name}-gnu`, `${name}-musl`];
    case 'win32':
      return [`${name}-msvc`];
    default:
      return [name];
  }
}

/** The names are literals so that bundlers find the files, inside `try` so that they accept missing packages. */
function loadPackage(name) {
  try {
    switch (name) {
      case 'darwin-arm64':
        return { native: require('@libatmn/darwin-arm64/libatmn.darwin-arm64.node') };
      case 'darwin-x64':
        return { native: require('@libatmn/darwin-x64/libatmn.darwin-x64.node') };
      case 'linux-arm64-gnu':
        return { native: require('@libatmn/linux-arm64-gnu/libatmn.linux-arm64-gnu.node') };
      case 'linux-arm64-musl':
        return { native: require('@libatmn/linux-arm64-musl/libatmn.linux-arm64-musl.node') };
      case 'linux-x64-gnu':
        return { native: require('@libatmn/linux-x64-gnu/libatmn.linux-x64-gnu.node') };
      case 'linux-x64-musl':
        return { native: require('@libatmn/linux-x64-musl/libatmn.linux-x64-musl.node') };
      case 'win32-arm64-msvc':
        return { native: require('@libatmn/win32-arm64-msvc/libatmn.win32-arm64-msvc.node') };
      case 'win32-x64-msvc':
        return { native: require('@libatmn/win32-x64-msvc/libatmn.win32-x64-msvc.node') };
      default:
        return { isUnsupported: true };
    }
  } catch (error) {
    return { error };
  }
}

function load() {
  const failures = [];
  for (const name of candidates()) {
    const { native, error, isUnsupported } = loadPackage(name);
    if (native?.version() === version) return native;
    if (isUnsupported) continue;
    const packageName = `@libatmn/${name}`;
    const mismatch = native && `is version ${native.version()}, but libatmn is version ${version}`;
    failures.push({ packageName, error, reason: mismatch ?? error.message.split('\nRequire stack:')[0] });
  }
  return fail(failures);
}

/** Throws an error that says what to do. Its code tells the reasons apart. */
function fail(failures) {
  const platform = `${process.platform} ${process.arch}`;
  if (failures.length === 0) {
    throw loadError('ERR_LIBATMN_UNSUPPORTED_PLATFORM', `libatmn is not supported on ${platform}.`);
  }
  const [{ error: cause }] = failures;
  if (cause?.code === 'ERR_DLOPEN_DISABLED') throw addonsDisabled(cause);
  const packages = failures.map(({ packageName }) => packageName).join(' or ');
  const lines = [
    `libatmn cannot load its binary for ${platform}${libc()}.`,
    ...failures.map(({ packageName, reason }) => `  ${packageName}: ${reason}`),
    `The binary is in the optional dependency ${packages}. If that is missing, remove node_modules and the`,
    'lock file and install again on this machine, without --omit=optional. A bundle needs its .node file beside it, and',
    'runs on the platform that it was made on.',
  ];
  throw loadError('ERR_LIBATMN_BINARY_NOT_LOADED', lines.join('\n'), cause);
}

function addonsDisabled(cause) {
  const advice = 'libatmn is a native addon: pass --allow-addons with --permission, and omit --no-addons.';
  return loadError('ERR_LIBATMN_ADDONS_DISABLED', `${cause.message} ${advice}`, cause);
}

function loadError(code, message, cause) {
  return Object.assign(new Error(message, cause && { cause }), { code });
}

/** The C library; only for the error message, because the report takes longer than loading the addon. */
function libc() {
  if (process.platform !== 'linux') return '';
  const { glibcVersionRuntime } = process.report?.getReport().header ?? {};
  return glibcVersionRuntime ? ` with glibc ${glibcVersionRuntime}` : ' with musl or another C library';
}

module.exports = load();
