// The same types for CommonJS.

import libatmn = require('libatmn');

const key: libatmn.ApiKey = libatmn.resolveKey().key;
key.reveal();
