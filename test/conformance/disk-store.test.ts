import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { diskStore } from '../../src/node/disk-store.ts'
import { objectStoreSuite } from './object-store-suite.ts'

objectStoreSuite('the store on disk', (folder) => {
  const scratch = join(folder, '.receiver', 'scratch')
  return { store: diskStore(folder, scratch), leftovers: () => readdir(scratch) }
})
