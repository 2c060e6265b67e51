import { LRUCache } from 'lru-cache'
import { MAX_CACHED_BLOCK_BYTES } from '../limits.ts'
import type { Journal } from '../ports.ts'
import type { ChunkPlace } from '../sealed-list.ts'
import type { Block, BlockHead } from './block.ts'
import type { EntryIndex } from './entry-index.ts'
import { type KeptBlock, readBlock } from './kept-blocks.ts'
import type { BlockForm } from './write-block.ts'

interface CachedBlock {
  readonly text: Uint8Array
  readonly index: EntryIndex
}

/** Blocks that were read a moment ago: those who cut the same hour need not read it again. At most MAX_CACHED_BLOCK_BYTES. */
export class BlockCache {
  readonly #journal: Journal
  /** By what was read of each: a block that takes the place of another is read anew. */
  readonly #read = new LRUCache<BlockHead, CachedBlock>({
    maxSize: MAX_CACHED_BLOCK_BYTES,
    sizeCalculation: ({ text, index }) => text.length + index.bytes.length,
  })

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** A block in one of its forms. */
  block(at: ChunkPlace, kept: KeptBlock, form: BlockForm): Block {
    const head = form === 'event' ? (kept.event ?? kept.vod) : kept.vod
    const read = () => {
      const known = this.#read.get(head)
      if (known !== undefined) return known
      const block = readBlock(this.#journal, at, kept, form)
      const found = { text: block.text(), index: block.index() }
      this.#read.set(head, found)
      return found
    }
    return { ...head, index: () => read().index, text: () => read().text }
  }
}
