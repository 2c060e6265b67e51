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
  /** By what was read of each, since a block that takes the place of another is read anew; those used longest ago come first. */
  readonly #read = new Map<BlockHead, CachedBlock>()
  /** Each as it is given out: a long recording has many, and a clip needs few. */
  readonly #blocks = new WeakMap<BlockHead, Block>()
  #bytes = 0

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** A block in one of its forms. */
  block(at: ChunkPlace, kept: KeptBlock, form: BlockForm): Block {
    const head = form === 'event' ? (kept.event ?? kept.vod) : kept.vod
    const known = this.#blocks.get(head)
    if (known !== undefined) return known
    const read = () => this.#use(head, () => readBlock(this.#journal, at, kept, form))
    const block = { ...head, index: () => read().index, text: () => read().text }
    this.#blocks.set(head, block)
    return block
  }

  #use(head: BlockHead, read: () => Block): CachedBlock {
    const known = this.#read.get(head)
    const used = known ?? cached(read())
    this.#read.delete(head)
    this.#read.set(head, used)
    if (known === undefined) this.#bytes += bytesOf(used)
    for (const [other, block] of this.#read) {
      if (this.#bytes <= MAX_CACHED_BLOCK_BYTES || other === head) break
      this.#read.delete(other)
      this.#bytes -= bytesOf(block)
    }
    return used
  }
}

function cached(block: Block): CachedBlock {
  return { text: block.text(), index: block.index() }
}

function bytesOf({ text, index }: CachedBlock): number {
  return text.length + index.bytes.length
}
