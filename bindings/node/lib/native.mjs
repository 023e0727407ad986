// Finds the binary of this machine. Each name is written out, so that bundlers see it.

/* The version of the package, written here when it is packed: to find and read package.json takes longer than this. */
const version = PACKAGE_VERSION;

/** Packages that may fit, the likelier first. On Linux, which C library there is shows when a binary is opened. */
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

function open(name) {
  // Within `try`, bundlers take the packages that are installed and pass over the others.
  try {
    switch (name) {
      case 'darwin-arm64':
        return { native: require('libatmn-darwin-arm64/libatmn.darwin-arm64.node') };
      case 'darwin-x64':
        return { native: require('libatmn-darwin-x64/libatmn.darwin-x64.node') };
      case 'linux-arm64-gnu':
        return { native: require('libatmn-linux-arm64-gnu/libatmn.linux-arm64-gnu.node') };
      case 'linux-arm64-musl':
        return { native: require('libatmn-linux-arm64-musl/libatmn.linux-arm64-musl.node') };
      case 'linux-x64-gnu':
        return { native: require('libatmn-linux-x64-gnu/libatmn.linux-x64-gnu.node') };
      case 'linux-x64-musl':
        return { native: require('libatmn-linux-x64-musl/libatmn.linux-x64-musl.node') };
      case 'win32-arm64-msvc':
        return { native: require('libatmn-win32-arm64-msvc/libatmn.win32-arm64-msvc.node') };
      case 'win32-x64-msvc':
        return { native: require('libatmn-win32-x64-msvc/libatmn.win32-x64-msvc.node') };
      default:
        return { error: new Error(`There is no package libatmn-${name}.`) };
    }
  } catch (error) {
    return { error };
  }
}

/** The C library, only asked where something is wrong: the answer takes longer than loading does. */
function libc() {
  if (process.platform !== 'linux') return '';
  const { glibcVersionRuntime } = process.report?.getReport().header ?? {};
  return glibcVersionRuntime ? ` with glibc ${glibcVersionRuntime}` : ' with musl or another C library';
}

function load() {
  const failures = [];
  for (const name of candidates()) {
    const { native, error } = open(name);
    if (native?.version() === version) return native;
    failures.push(
      error ?? new Error(`libatmn-${name} is version ${native.version()}, and libatmn is version ${version}.`),
    );
  }
  const packages = candidates().map((name) => `libatmn-${name}`);
  const reasons = failures.map((error) => error.message.split('\nRequire stack:')[0]);
  throw new Error(
    [
      `libatmn cannot load its binary for ${process.platform} ${process.arch}${libc()}.`,
      ...packages.map((name, index) => `  ${name}: ${reasons[index]}`),
      `It comes as the optional dependency ${packages.join(' or ')}; if that is missing, remove node_modules and the`,
      'lock file and install again on this machine, without --omit=optional.',
    ].join('\n'),
    { cause: failures[0] },
  );
}

export const native = load();
