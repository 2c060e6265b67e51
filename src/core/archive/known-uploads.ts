import type { Journal } from '../ports.ts'
import type { ChunkPlace } from '../sealed-list.ts'
import { entriesOfBlock, type KeptBlock } from './kept-blocks.ts'
import { boundUploads } from './lives.ts'

/** Tells whether an upload stands in a block: where names are used again, an old one must not be taken for a late one. */
export function isInBlocks(journal: Journal, at: ChunkPlace, blocks: readonly KeptBlock[]): (id: string) => boolean {
  const read = new Map<KeptBlock, ReadonlySet<string>>()
  return (id) =>
    blocks.some((block) => {
      const [least, greatest] = block.ids ?? ['', '']
      if (id < least || id > greatest) return false
      const bound = read.get(block) ?? boundUploads(entriesOfBlock(journal, at, block))
      read.set(block, bound)
      return bound.has(id)
    })
}
