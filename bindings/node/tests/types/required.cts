// The same types in CommonJS.

import libatmn = require('libatmn');

const key: libatmn.ApiKey = libatmn.resolveKey().key;
key.reveal();
