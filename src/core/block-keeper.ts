import { archivedTo, openChunks, openWrites } from './archive/archive.ts'
import { type ArchivedEntry, archivedEntries } from './archive/archived-entry.ts'
import { keepBlock, keptBlocks } from './archive/kept-blocks.ts'
import { isInBlocks } from './archive/known-uploads.ts'
import { partsAt } from './archive/recorded-tail.ts'
import { mayBeFilled, type Resolving, resolveEntries } from './archive/resolve.ts'
import { runsOf } from './archive/runs.ts'
import type { SegmentDurations } from './archive/segment-durations.ts'
import { hasPassed } from './elapsed.ts'
import { BLOCK_RETRY_MS, GAP_MEND_MS, RECORDING_BLOCK_MARGIN } from './limits.ts'
import type { UriLookup } from './playlist/lookup.ts'
import type { MediaRecord } from './playlist-record.ts'
import type { PlaylistState, PlaylistStates } from './playlist-states.ts'
import type { Host, Journal, JournalWrite } from './ports.ts'

/** What keeps the blocks of recordings. */
export interface BlockKeeperParts {
  readonly host: Host
  readonly journal: Journal
  readonly states: PlaylistStates
  readonly durations: SegmentDurations
  /** Entries of a block. */
  readonly blockEntries: number
  lookup(at: { readonly app: string; readonly name: string }, owner: string): UriLookup
}

/** The first archived entries that no block has, and what follows them. */
interface OpenEntries {
  readonly entries: readonly ArchivedEntry[]
  /** Journal keys of those that are archived, and how many are behind each. */
  readonly chunks: readonly { readonly key: string; readonly count: number }[]
}

/**
 * Makes blocks of what was archived, once nothing of it can change any more: a recording costs its readers no more than what is
 * asked for, however long it is. Works behind the publishing, one playlist after the other.
 */
export class BlockKeeper {
  readonly #parts: BlockKeeperParts
  readonly #waiting = new Set<PlaylistState>()
  #working: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor(parts: BlockKeeperParts) {
    this.#parts = parts
  }

  /** A playlist was published: when it has enough for a block, one is made soon. */
  published(app: string, name: string): void {
    const state = this.#parts.states.find(app, name)
    if (state?.record?.kind !== 'media' || this.#waiting.has(state) || this.#isStopped) return
    const { blockEntries, host } = this.#parts
    const { from, triedAt } = this.#progress(state, state.record)
    if (archivedTo(state.record) - from < blockEntries * (1 + RECORDING_BLOCK_MARGIN)) return
    if (triedAt !== undefined && !hasPassed(triedAt, BLOCK_RETRY_MS, host.clock.now())) return
    this.#waiting.add(state)
    this.#working = this.#working.then(() => this.#keepAll(state)).finally(() => this.#waiting.delete(state))
  }

  /** Makes no block any more; resolves when none is being made. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#working
  }

  /** From where on entries are in no block, and when it was tried last to make one. */
  #progress(state: PlaylistState, record: MediaRecord): NonNullable<PlaylistState['keeping']> {
    const { journal } = this.#parts
    if (state.keeping === undefined) {
      const [first] = openChunks(journal, state)
      const from = keptBlocks(journal, state).at(-1)?.end ?? first?.entries[0]?.number ?? archivedTo(record)
      state.keeping = { from, triedAt: undefined }
    }
    return state.keeping
  }

  async #keepAll(state: PlaylistState): Promise<void> {
    const { host } = this.#parts
    try {
      while (!this.#isStopped && (await this.#keepOne(state)));
    } catch (cause) {
      host.log.error('recording not put in order', { app: state.app, name: state.name, cause })
    }
    state.keeping = state.keeping && { ...state.keeping, triedAt: host.clock.now() }
  }

  /** False where there is not enough for a block, or it may still change. */
  async #keepOne(state: PlaylistState): Promise<boolean> {
    const { states, durations } = this.#parts
    const { record } = state
    if (record?.kind !== 'media' || !states.isHeld(state)) return false
    const open = this.#openEntries(state, record)
    if (this.#settled(state, open) === 0) return false
    const parts = this.#resolving(state, record)
    const { unread } = resolveEntries(open.entries, parts)
    // How long they play is remembered: the next look finds it.
    if (unread.length > 0) await durations.read(state.app, unread, parts.lookup)
    return states.inTurn(state, () => this.#keep(state))
  }

  /** Looks again in its turn: some of them may have been taken out meanwhile. */
  async #keep(state: PlaylistState): Promise<boolean> {
    const { journal, states } = this.#parts
    const { record } = state
    if (record?.kind !== 'media' || !states.isHeld(state) || this.#isStopped) return false
    const { entries, chunks } = this.#openEntries(state, record)
    const count = this.#settled(state, { entries, chunks })
    if (count === 0) return false
    const parts = this.#resolving(state, record)
    const all = resolveEntries(entries, parts)
    const resolved = firstOf(all.entries, count)
    const last = entries[count - 1]?.number ?? 0
    // What cannot be read now, or may be followed by more, would be missing for good.
    const isYoung = (entry: ArchivedEntry) => entry.added === 'unnamed' && !isPast(entry, parts.now)
    if (all.unread.some(({ entry }) => entry.number <= last) || resolved.some(isYoung)) return false
    const end = entries[count]?.number ?? archivedTo(record)
    const kept = keepBlock(state, resolved, { lookup: parts.lookup, before: keptBlocks(journal, state).at(-1), end })
    if (kept === undefined) return false
    await states.moveArchive(state, () =>
      journal.commit([...kept.writes, ...takenOut(state, { entries, chunks }, count)]),
    )
    state.keeping = { from: end, triedAt: undefined }
    return true
  }

  /** Those of a block, and so many behind them that what came late cannot be of a life that is not among them. */
  #openEntries(state: PlaylistState, record: MediaRecord): OpenEntries {
    const { journal, blockEntries } = this.#parts
    const entries: ArchivedEntry[] = []
    const chunks: { key: string; count: number }[] = []
    for (const chunk of openChunks(journal, state)) {
      const last = entries[blockEntries - 1]
      const isEnough = last !== undefined && namedAt(entries.at(-1)) > namedAt(last) + 2 * GAP_MEND_MS
      if (isEnough) return { entries, chunks }
      entries.push(...chunk.entries)
      chunks.push({ key: chunk.key, count: chunk.entries.length })
    }
    const shown = { from: archivedTo(record), to: (record.served?.last ?? -1) + 1 }
    const lookup = this.#parts.lookup(state, record.owner)
    const served = state.scanned === undefined ? [] : archivedEntries(record, state.scanned, lookup, shown)
    return { entries: [...entries, ...served], chunks }
  }

  /** How many of the first entries make a block: of one run, and such that nothing can come for any more. */
  #settled(state: PlaylistState, { entries, chunks }: OpenEntries): number {
    const { journal, host, blockEntries } = this.#parts
    const now = host.clock.now()
    const archived = chunks.reduce((sum, { count }) => sum + count, 0)
    const lookup = this.#parts.lookup(state, state.record?.owner ?? '')
    const isSettled = (entry: ArchivedEntry, index: number) => {
      const next = entries[index + 1]
      return (
        next !== undefined && isPast(next, now) && (entry.segment !== undefined || !mayBeFilled(entry, lookup, now))
      )
    }
    const first = entries.slice(0, Math.min(blockEntries, archived))
    const open = first.findIndex((entry, index) => !isSettled(entry, index))
    const settled = open < 0 ? first.length : open
    const runs = runsOf(journal, state.app, state.name).map(({ number }) => number)
    // With the one behind them, which may begin a run.
    const [part = []] = partsAt(entries.slice(0, settled + 1), runs)
    const isWhole = part.length >= blockEntries || part.length <= settled
    return isWhole ? Math.min(part.length, settled) : 0
  }

  #resolving({ app, name }: PlaylistState, { owner }: MediaRecord): Resolving {
    const { journal, host, durations } = this.#parts
    const at = { app, name }
    const kept = keptBlocks(journal, at)
    return {
      lookup: this.#parts.lookup(at, owner),
      durations,
      now: host.clock.now(),
      isOver: false,
      end: undefined,
      isKnown: isInBlocks(journal, at, kept),
      life: kept.at(-1)?.life,
    }
  }
}

/** Nothing that comes from now on is of an entry. */
function isPast(entry: ArchivedEntry, now: number): boolean {
  return hasPassed(namedAt(entry), GAP_MEND_MS + 1, now)
}

function namedAt(entry: ArchivedEntry | undefined): number {
  return entry?.namedAt ?? 0
}

/** The first `count` named entries, and what was added behind each. */
function firstOf(entries: readonly ArchivedEntry[], count: number): readonly ArchivedEntry[] {
  let named = 0
  const end = entries.findIndex(({ added }) => added !== 'unnamed' && ++named > count)
  return end < 0 ? entries : entries.slice(0, end)
}

/** Takes the first `count` entries out of those that are open. */
function takenOut(at: PlaylistState, { entries, chunks }: OpenEntries, count: number): JournalWrite[] {
  const writes: JournalWrite[] = []
  let from = 0
  for (const chunk of chunks) {
    if (from >= count) break
    writes.push(
      { key: chunk.key, value: null },
      ...openWrites(at, entries.slice(Math.max(count, from), from + chunk.count)),
    )
    from += chunk.count
  }
  return writes
}
