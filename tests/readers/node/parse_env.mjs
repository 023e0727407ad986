import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { serve } from './protocol.mjs'

await serve((path) => parseEnv(readFileSync(path, 'utf8')))
