'use strict';

// Packs what is published: the package itself, and the package with the binary of one platform, laid out as
// @napi-rs/cli does it. The first names all of the second kind as optional dependencies; package.json here does not,
// since they are not to be had before they are published.
//
//   node scripts/pack.js ADDON FOLDER [PLATFORM]

const { execFileSync } = require('node:child_process');
const { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { buildSync } = require('esbuild');
const { hostPlatform, platforms } = require('./platforms.js');

const here = resolve(__dirname, '..');
const { devDependencies, napi, ...published } = require('../package.json');
const licences = ['LICENSE-APACHE', 'LICENSE-MIT'];

function stage(folder, manifest, readme) {
  mkdirSync(folder, { recursive: true });
  // npm takes along licences by the one name LICENSE only.
  const complete = { ...manifest, files: [...manifest.files, ...licences] };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(complete, null, 2)}\n`);
  writeFileSync(join(folder, 'README.md'), readme);
  for (const licence of licences) copyFileSync(join(here, '../..', licence), join(folder, licence));
}

function stagePublic(folder, readme) {
  const binaries = Object.keys(platforms).map((name) => [`libatmn-${name}`, published.version]);
  stage(folder, { ...published, optionalDependencies: Object.fromEntries(binaries) }, readme);
  copyFileSync(join(here, published.types), join(folder, published.types));
  const names = exported(join(here, published.types)).join(', ');
  // Never run: this is how Node finds the names for `import`.
  const footer = { js: `0 && (module.exports = { ${names} });` };
  bundle('index.mjs', folder, { external: ['libatmn-*', './later.js'], footer });
  bundle('later.js', folder, { external: ['libatmn-*', './index.js'] });
}

/** The names of what is declared to be there besides types. */
function exported(types) {
  const found = readFileSync(types, 'utf8').matchAll(/^export (?:class|function|const) (\w+)/gm);
  return Array.from(found, ([, name]) => name);
}

/** Two files of all: each that has to be found takes as long as most of what is in it. */
function bundle(name, folder, more) {
  buildSync({
    entryPoints: [join(here, 'lib', name)],
    outfile: join(folder, 'lib', name.replace('.mjs', '.js')),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    banner: { js: "'use strict';" },
    // `module.exports` as one object, with the names of its own choice, is what CommonJS has always been given.
    logOverride: { 'commonjs-variable-in-esm': 'silent' },
    target: 'node20',
    // Where two modules use a name, one of them gets another, which nobody should see.
    keepNames: name === 'later.js',
    define: { PACKAGE_VERSION: JSON.stringify(published.version) },
    ...more,
  });
}

function stageBinary(folder, name, addon) {
  const { version, description, keywords, license, repository, engines } = published;
  const { triple, os, cpu, libc } = platforms[name];
  const main = `libatmn.${name}.node`;
  const manifest = {
    name: `libatmn-${name}`,
    version,
    cpu,
    main,
    files: [main],
    description,
    keywords,
    license,
    repository,
  };
  stage(
    folder,
    { ...manifest, engines, os, libc },
    `# \`libatmn-${name}\`\n\nThe **${triple}** binary of \`libatmn\`.\n`,
  );
  copyFileSync(addon, join(folder, main));
}

function pack(folder, destination) {
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', destination], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const packed = JSON.parse(output);
  // npm 11 answers with an array, later ones with an object by name.
  const [{ filename, size }] = Object.values(packed);
  return { filename, size };
}

const [addon, destination, name = hostPlatform()] = process.argv.slice(2);
const packages = join(destination, 'packages');
rmSync(packages, { recursive: true, force: true });
stagePublic(join(packages, 'libatmn'), readFileSync(join(here, 'README.md'), 'utf8'));
stageBinary(join(packages, `libatmn-${name}`), name, addon);
for (const folder of ['libatmn', `libatmn-${name}`]) {
  const { filename, size } = pack(join(packages, folder), resolve(destination));
  console.log(`${filename} ${size}`);
}
