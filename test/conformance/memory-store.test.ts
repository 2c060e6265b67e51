import { memoryStore } from '../../src/stores/memory-store.ts'
import { objectStoreSuite } from './object-store-suite.ts'

objectStoreSuite('the store in memory', () => ({
  store: memoryStore(() => Date.now()),
  leftovers: async () => [],
}))
