import { cachedReads } from '../../src/stores/cached-reads.ts'
import { memoryStore } from '../../src/stores/memory-store.ts'
import { objectStoreSuite } from './object-store-suite.ts'

objectStoreSuite('the store in memory', () => ({
  store: memoryStore(() => Date.now()),
  leftovers: async () => [],
}))

objectStoreSuite('a store behind a cache for reads', () => ({
  store: cachedReads(
    memoryStore(() => Date.now()),
    1_000_000,
    100_000,
  ),
  leftovers: async () => [],
}))
