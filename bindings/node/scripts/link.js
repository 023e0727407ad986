'use strict';

// Makes the package of this platform in node_modules, so that the sources in lib/ run as they are. It loads the addon from
// where Cargo builds it, so that the next build needs no other link. It is never published.
//
//   node scripts/link.js ADDON

const { mkdirSync, rmSync, writeFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { hostPlatform } = require('./platforms.js');

const name = hostPlatform();
const scope = join(__dirname, '../node_modules/@libatmn');
const addon = resolve(process.argv[2]);
rmSync(scope, { recursive: true, force: true });
mkdirSync(join(scope, name), { recursive: true });
// `require` loads addons only from files that end in `.node`. Without the file that lib/native.js names, it tries this one.
const file = join(scope, name, `libatmn.${name}.node.js`);
writeFileSync(file, `'use strict';\n\nprocess.dlopen(module, ${JSON.stringify(addon)});\n`);
