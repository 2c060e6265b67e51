import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from './generated-docs.ts'
import { filesBelow, importsOf } from './source-files.ts'

/** Whom each part of src may import, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ['core'],
  stores: ['core'],
  http: ['core', 'config'],
  recording: ['core'],
  node: ['core', 'config', 'stores', 'http', 'recording'],
  testing: ['core', 'config', 'stores', 'http', 'node'],
}
/** Parts that run on every runtime. */
const NEUTRAL = ['core', 'config', 'stores', 'http']
/** The one file that knows each third-party library; LANGUAGES are the exceptions. */
const SOLE_IMPORTER: Readonly<Record<string, string>> = {
  lmdb: 'src/node/lmdb-journal.ts',
  'lru-cache': 'src/stores/whole-reads.ts',
  'p-limit': 'src/stores/at-once.ts',
  'prom-client': 'src/node/metrics.ts',
  pino: 'src/node/logger.ts',
  '@aws-sdk/client-s3': 'src/stores/s3/bucket.ts',
  '@aws-sdk/lib-storage': 'src/stores/s3/bucket.ts',
  'fluent-ffmpeg': 'src/recording/ffmpeg.ts',
  'm3u8-parser': 'src/core/playlist/parse.ts',
  '@hono/node-server': 'src/node/http-server.ts',
  busboy: 'src/node/sent-form.ts',
  bullmq: 'src/recording/bull-queue.ts',
  ioredis: 'src/recording/redis.ts',
}
/** Libraries that are the language of a part: who may import them, by the beginning of the path. */
const LANGUAGES: Readonly<Record<string, readonly string[]>> = {
  hono: ['src/http/', 'src/node/http-server.ts'],
  zod: [
    'src/config/setting-types.ts',
    'src/http/routes/rest/',
    'src/http/ams-json.ts',
    'src/recording/order-schema.ts',
  ],
}

const sources = filesBelow('src', '.ts')
const partOf = (path: string) => path.split('/')[1] ?? ''
const isPackage = (name: string) => !name.startsWith('src/') && !name.startsWith('node:')

interface TsConfig {
  readonly extends?: string
  readonly compilerOptions: { readonly types?: readonly string[]; readonly lib?: readonly string[] }
  readonly references?: readonly { readonly path: string }[]
}

function readTsConfig(path: string): TsConfig {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as TsConfig
}

describe('who may import whom', () => {
  test('imports of every form are seen', () => {
    const text = [
      "import { a } from './a.ts'",
      "import type { B } from 'b'",
      "import 'c'",
      'import {\n  d,\n  e,\n} from "never"'.replaceAll('"', "'"),
      "export { f } from './f.ts'",
      "const g = await import('g')",
    ].join('\n')
    expect(importsOf(text)).toEqual(['./a.ts', 'b', 'c', 'never', './f.ts', 'g'])
  })

  test.each(Object.entries(MAY_IMPORT))('%s imports itself and %j', (part, allowed) => {
    const imports = sources.filter(({ path }) => partOf(path) === part).flatMap((file) => file.imports)
    const foreign = imports.filter((name) => name.startsWith('src/') && partOf(name) !== part)
    expect(foreign.filter((name) => !allowed.includes(partOf(name)))).toEqual([])
    if (NEUTRAL.includes(part)) expect(imports.filter((name) => name.startsWith('node:'))).toEqual([])
  })

  test('every part of src is known here', () => {
    expect([...new Set(sources.map(({ path }) => partOf(path)))].sort()).toEqual(Object.keys(MAY_IMPORT).sort())
  })

  test('core imports nothing but itself and m3u8-parser', () => {
    const imports = sources.filter(({ path }) => partOf(path) === 'core').flatMap((file) => file.imports)
    expect(imports.length).toBeGreaterThan(20)
    expect(imports.filter((name) => !name.startsWith('src/core/'))).toEqual(['m3u8-parser'])
  })

  test.each(Object.entries(SOLE_IMPORTER))('%s is known to %s only', (library, file) => {
    const importers = sources.filter(({ imports }) => imports.includes(library)).map(({ path }) => path)
    expect(importers).toEqual([file])
  })

  test('every other library has one importer too', () => {
    const importers = new Map<string, string[]>()
    for (const { path, imports } of sources) {
      for (const name of imports.filter(isPackage)) importers.set(name, [...(importers.get(name) ?? []), path])
    }
    for (const [name, files] of importers) {
      if (!Object.hasOwn(LANGUAGES, name)) expect(files, name).toHaveLength(1)
    }
  })

  test.each(Object.entries(LANGUAGES))('%s is spoken in %j only, and in each', (library, places) => {
    const importers = sources.filter(({ imports }) => imports.includes(library)).map(({ path }) => path)
    expect(importers.filter((path) => !places.some((place) => path.startsWith(place)))).toEqual([])
    expect(places.filter((place) => !importers.some((path) => path.startsWith(place)))).toEqual([])
  })
})

describe('the compiler holds the same lines', () => {
  test.each(NEUTRAL)('%s is compiled without the types of Node', (part) => {
    const base = readTsConfig('tsconfig.base.json')
    const { compilerOptions, ...config } = readTsConfig(`src/${part}/tsconfig.json`)
    expect(config.extends).toBe('../../tsconfig.base.json')
    expect(compilerOptions.types ?? base.compilerOptions.types).toEqual([])
    expect(compilerOptions.lib).toEqual(['es2023', 'webworker'])
  })

  test.each(Object.entries(MAY_IMPORT))('%s refers to %j and nothing else', (part, allowed) => {
    const references = readTsConfig(`src/${part}/tsconfig.json`).references ?? []
    expect(references.map(({ path }) => path).sort()).toEqual(allowed.map((other) => `../${other}`).sort())
  })
})
