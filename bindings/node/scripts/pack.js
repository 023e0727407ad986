'use strict';

// Packs the published packages: the package itself, and the package with the binary of one platform, in the layout of
// @napi-rs/cli. The published package.json lists all binary packages as optional dependencies; the one in this folder
// does not, because they cannot be installed before they are published.
//
//   node scripts/pack.js ADDON FOLDER [PLATFORM [SBOM]]

const { execFileSync } = require('node:child_process');
const { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { buildSync } = require('esbuild');
const { hostPlatform, platforms } = require('./platforms.js');

const root = resolve(__dirname, '..');
const { devDependencies, napi, ...published } = require('../package.json');
const licences = ['LICENSE-APACHE', 'LICENSE-MIT', 'THIRD-PARTY.txt'];

/** The sources that `middleware.js`, `testing.js` and `index.mjs` load. */
const SHARED = ['index', 'arguments', 'errors', 'native', 'options'];

function stage(folder, manifest, readme) {
  mkdirSync(folder, { recursive: true });
  // npm adds a licence file only if it is named LICENSE.
  const complete = { ...manifest, files: [...manifest.files, ...licences] };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(complete, null, 2)}\n`);
  writeFileSync(join(folder, 'README.md'), readme);
  for (const licence of licences) copyFileSync(join(root, '../..', licence), join(folder, licence));
}

function stagePublic(folder) {
  const binaries = Object.keys(platforms).map((name) => [`@libatmn/${name}`, published.version]);
  const manifest = { ...published, optionalDependencies: Object.fromEntries(binaries) };
  stage(folder, manifest, readFileSync(join(root, 'README.md'), 'utf8'));
  for (const name of published.files.filter((name) => name !== 'lib')) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  bundle(join(folder, 'lib'));
}

/**
 * Publishes the sources as one file, `libatmn.js`, behind small files such as `index.js`: for `import`, Node searches `index.js` for
 * names, which takes longer than running it. Loading and a first key take 7.6 ms instead of 15.3 with `require`, and
 * 10.6 ms instead of 20.9 with `import` (medians of 60 processes on a busy machine, Node 20). Not minified, and with the
 * names of all classes, for stack traces. The tests run on both forms.
 */
function bundle(folder) {
  buildSync({
    // The comments about the sources name them from here, wherever the packages are packed.
    absWorkingDir: root,
    stdin: { contents: `module.exports = {${SHARED.map(export_).join()}};`, resolveDir: join(root, 'lib') },
    outfile: join(folder, 'libatmn.js'),
    bundle: true,
    external: ['@libatmn/*'],
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    keepNames: true,
    lineLimit: 120,
  });
  // Not `module.exports = require(…)`: Node would follow that and search the other file too.
  for (const name of SHARED) {
    const source = `'use strict';\n\nconst libatmn = require('./libatmn.js');\n\nmodule.exports = libatmn['${name}'];\n`;
    writeFileSync(join(folder, `${name}.js`), source);
  }
  // These load the files above, so that they share the classes of `index.js`.
  for (const name of ['index.mjs', 'middleware.js', 'testing.js']) {
    copyFileSync(join(root, 'lib', name), join(folder, name));
  }
  bundleWithAddon('bin.js', folder);
}

const export_ = (name) => `'${name}': require('./${name}.js')`;

/** Publishes a file that calls the addon itself, with the function that loads it. Node loads an addon once. */
function bundleWithAddon(name, folder) {
  buildSync({
    absWorkingDir: root,
    entryPoints: [join(root, 'lib', name)],
    outfile: join(folder, name),
    bundle: true,
    external: ['@libatmn/*'],
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    lineLimit: 120,
  });
}

function stageBinary(folder, name, addon, sbom) {
  const { version, description, keywords, license, repository, engines } = published;
  const { triple, os, cpu, libc } = platforms[name];
  const main = `libatmn.${name}.node`;
  const about = { name: `@libatmn/${name}`, version, description, keywords, license, repository, engines };
  const readme = `# \`@libatmn/${name}\`\n\nThe **${triple}** binary of \`libatmn\`.\n`;
  const bill = sbom ? ['sbom.cdx.json'] : [];
  stage(folder, { ...about, main, files: [main, ...bill], os, cpu, libc }, readme);
  copyFileSync(addon, join(folder, main));
  if (sbom) copyFileSync(sbom, join(folder, bill[0]));
}

function pack(folder, destination) {
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', destination], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // npm 11 prints an array, later versions an object by name.
  const [{ filename, size }] = Object.values(JSON.parse(output));
  return { filename, size };
}

const [addon, given, name = hostPlatform(), sbom] = process.argv.slice(2);
const destination = resolve(given);
const packages = join(destination, 'packages');
rmSync(packages, { recursive: true, force: true });
stagePublic(join(packages, 'libatmn'));
stageBinary(join(packages, `libatmn-${name}`), name, addon, sbom);
for (const folder of ['libatmn', `libatmn-${name}`]) {
  const { filename, size } = pack(join(packages, folder), destination);
  console.log(`${filename} ${size}`);
}
