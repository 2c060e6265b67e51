import type { UriLookup } from '../playlist/lookup.ts'
import type { Journal, JournalWrite } from '../ports.ts'
import { jsonWrite, keys, toText } from '../records.ts'
import type { ChunkPlace } from '../sealed-list.ts'
import type { ArchivedEntry } from './archived-entry.ts'
import type { Block, BlockHead } from './block.ts'
import { EntryIndex } from './entry-index.ts'
import { beginsOfLives, boundUploads, type Life } from './lives.ts'
import { type BlockForm, inForm, writeBlock } from './write-block.ts'

/** About what a head takes of memory, and each change of its MAP and KEY lines, in bytes. */
const HEAD_BYTES = 600
const SHARED_BYTES = 200

/** A block that is kept for good: nothing of it changes any more. */
export interface KeptBlock {
  readonly vod: BlockHead
  /** Where who follows the recording sees less. */
  readonly event?: BlockHead
  /** Number of the first entry behind it. */
  readonly end: number
  /** The least and the greatest id of an upload in it; absent where all are holes. */
  readonly ids?: readonly [string, string]
  /** The encoder's life at its end, and the first upload of that. */
  readonly life: Life
}

/** What is kept of a block, each apart: its entries, and of each form the text and the index. */
type Part = 'entries' | `${BlockForm}-text` | `${BlockForm}-index`

/** The blocks of a recording, in order. */
export function keptBlocks(journal: Journal, { app, name }: ChunkPlace): KeptBlock[] {
  return [...journal.entries(keys.blocks(app, name))].map(([, value]) => JSON.parse(toText(value)) as KeptBlock)
}

/** The first block of a recording; undefined when there is none. */
export function firstBlock(journal: Journal, at: ChunkPlace): KeptBlock | undefined {
  for (const [, value] of journal.entries(keys.blocks(at.app, at.name))) return JSON.parse(toText(value)) as KeptBlock
  return undefined
}

/** What blocks take of memory without their entries, in bytes: those of encrypted streams have a line for each. */
export function keptBytes(blocks: readonly KeptBlock[]): number {
  const heads = blocks.flatMap(({ vod, event }) => (event === undefined ? [vod] : [vod, event]))
  return heads.reduce((sum, { shared }) => sum + HEAD_BYTES + shared.length * SHARED_BYTES, 0)
}

/** Reads a block in one of its forms. */
export function readBlock(journal: Journal, at: ChunkPlace, { vod, event }: KeptBlock, asked: BlockForm): Block {
  const head = asked === 'event' ? (event ?? vod) : vod
  const form = head === vod ? 'vod' : 'event'
  const read = (part: Part) => readPart(journal, at, head.number, part)
  return { ...head, index: () => new EntryIndex(read(`${form}-index`)), text: () => read(`${form}-text`) }
}

/** The entries of a block, with all that came late in them. */
export function entriesOfBlock(journal: Journal, at: ChunkPlace, { vod }: KeptBlock): ArchivedEntry[] {
  return JSON.parse(toText(readPart(journal, at, vod.number, 'entries'))) as ArchivedEntry[]
}

/** Makes a block of resolved entries, behind the one `before`; `end` is the number of the first entry behind them. */
export function keepBlock(
  { app, name }: ChunkPlace,
  entries: readonly ArchivedEntry[],
  { lookup, before, end }: { readonly lookup: UriLookup; readonly before: KeptBlock | undefined; readonly end: number },
): { readonly block: KeptBlock; readonly writes: readonly JournalWrite[] } | undefined {
  const vod = writeBlock(entries, lookup, before?.vod.last)
  if (vod === undefined) return undefined
  const hasLess = entries.some(({ added }) => added !== undefined)
  const event = hasLess ? writeBlock(inForm(entries, 'event'), lookup, (before?.event ?? before?.vod)?.last) : undefined
  const from = entries.at(-1)?.from ?? ''
  const ids = [...boundUploads(entries)].sort()
  const [least, greatest] = [ids[0], ids.at(-1)]
  const block: KeptBlock = {
    vod: headOf(vod),
    ...(event === undefined ? {} : { event: headOf(event) }),
    end,
    ...(least === undefined || greatest === undefined ? {} : { ids: [least, greatest] }),
    life: { from, begin: beginsOfLives(entries, before?.life).get(from) ?? from },
  }
  const write = (part: Part, value: Uint8Array) => ({ key: keys.blockPart(app, name, vod.number, part), value })
  const forms: [BlockForm, Block | undefined][] = [
    ['vod', vod],
    ['event', event],
  ]
  const writes = [
    jsonWrite(keys.block(app, name, vod.number), block),
    jsonWrite(keys.blockPart(app, name, vod.number, 'entries'), entries),
    ...forms.flatMap(([form, each]) =>
      each === undefined ? [] : [write(`${form}-text`, each.text()), write(`${form}-index`, each.index().bytes)],
    ),
  ]
  return { block, writes }
}

function headOf({ index: _index, text: _text, ...head }: Block): BlockHead {
  return head
}

function readPart(journal: Journal, { app, name }: ChunkPlace, number: number, part: Part): Uint8Array {
  const bytes = journal.get(keys.blockPart(app, name, number, part))
  if (bytes === undefined) throw new Error('a part of a recording is missing')
  return bytes
}
