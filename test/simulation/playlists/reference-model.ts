import type { WrittenEntry } from './encoder-text.ts'
import { Places } from './places.ts'
import { endOf, isUntold, lastOf, orderOf, readyAt, startsWith } from './told.ts'
import type { Seen, SeenEntry, TrueEntry, TrueVersion } from './truth.ts'
import { dangling, wrongBytes } from './wrong-bytes.ts'

/** How long a version that looks old is held for a segment that shows a new run, in ms. */
export const SUSPECT_WAIT_MS = 5_000
/** How long an old version may be on its way, in ms. */
const OLD_VERSION_MS = 10_000
/** How long the receiver may take to serve what it has, in ms (promise P9). */
const PROMPT_MS = 500
/** How long after a failure of the storage it may take until everything is as it should be, in ms. */
const RECOVERED_MS = 6_000

/** What one playlist has to be served as, told from nothing but what its encoder sent and when it was acknowledged. */
export class ReferenceModel {
  /** Whether two encoders send under its name. */
  hasRival = false
  readonly #name: string
  readonly #entries = new Map<string, TrueEntry>()
  readonly #written = new Map<string, WrittenEntry>()
  /** When a version that names the entry was first sent, and first acknowledged. */
  readonly #sentAt = new Map<TrueEntry, number>()
  readonly #namedAt = new Map<TrueEntry, number>()
  readonly #places = new Places()
  /** The highest number that a list of each run began with, of those that counted and of all that were heard. */
  readonly #firstNumbers = new Map<number, number>()
  readonly #heardFirst = new Map<number, number>()
  readonly #sent: TrueVersion[] = []
  #newest: TrueVersion | undefined
  /** A version that may begin a new run: its last segment tells. */
  #suspect: { readonly version: TrueVersion; readonly sentAt: number; readonly at: number } | undefined
  #newestSentAt = 0
  #newestSince = 0
  #seen: Seen | undefined
  #shortestTarget = Number.POSITIVE_INFINITY
  #longestTarget = 0
  #bornAt = 0
  #isUnsure = false
  /** A new run passes for the old one gone on. */
  #isLost = false
  /** Runs that nobody can tell apart: the files of one stand for those of the other. */
  readonly #untold = new Set<number>()
  #doubtedAt = Number.NEGATIVE_INFINITY
  #doubts = 0

  constructor(name: string) {
    this.#name = name
  }

  /** All entries that were written, by what their encoder calls them, whether any version names them or not. */
  get written(): ReadonlyMap<string, WrittenEntry> {
    return this.#written
  }

  /** The newest acknowledged version, by what it says. */
  get newest(): TrueVersion | undefined {
    return this.#newest
  }

  /** What was sent does not tell what is to be served: only what holds anyway is checked from now on. */
  giveUp(): void {
    this.#isUnsure = true
  }

  /** Other bytes are sent under a name that came before: until the next version that may as well be a new run. */
  doubt(at: number): void {
    if (this.#doubtedAt < this.#newestSentAt) {
      this.#doubtedAt = at
      this.#doubts = 0
    }
    this.#doubts++
  }

  /** Two encoders send under one name: whose files and lists are whose nobody can tell, and only what holds anyway is checked. */
  rival(): void {
    this.hasRival = true
    this.#isUnsure = true
    this.#isLost = true
  }

  /** Whether the entry is served as a segment. */
  isShown(id: string): boolean {
    return this.#seen?.entries.some((entry) => entry.id === id && entry.hash !== undefined) ?? false
  }

  /** Whether nobody can tell the run of an entry from another one. */
  isUntold(id: string): boolean {
    return this.hasRival || this.#untold.has(this.#entries.get(id)?.run ?? -1)
  }

  /** An encoder has a segment to send. */
  write(entry: WrittenEntry): void {
    this.#written.set(entry.id, entry)
  }

  /** An encoder begins to send a version. */
  sent(version: TrueVersion, at: number): void {
    // Nobody can tell repairs from a new run any more.
    const isLate = at > this.#newestSince + OLD_VERSION_MS
    if (this.#doubtedAt >= this.#newestSentAt && (isLate || this.#doubts > 1)) {
      this.#isLost = true
      this.#untold.add(version.run)
    }
    this.#sent.push(version)
    this.#longestTarget = Math.max(this.#longestTarget, version.targetDuration)
    this.#shortestTarget = Math.min(this.#shortestTarget, version.targetDuration)
    for (const entry of version.entries) {
      this.#entries.set(entry.id, entry)
      if (!this.#sentAt.has(entry)) this.#sentAt.set(entry, at)
    }
  }

  /** A version that was sent at `sentAt` was acknowledged. */
  acknowledged(version: TrueVersion, sentAt: number, at: number): void {
    const before = this.#newest
    if (before !== undefined && version.run < before.run) return
    const first = version.entries[0]?.number ?? 0
    this.#heardFirst.set(version.run, Math.max(this.#heardFirst.get(version.run) ?? 0, first))
    if (before !== undefined && isUntold(before, version)) {
      this.#isLost = true
      this.#untold.add(before.run).add(version.run)
    }
    // Of the runs between no list was taken: what came of them may as well be of this one.
    for (let run = (before?.run ?? -1) + 1; run < version.run; run++) this.#untold.add(run).add(version.run)
    if (before !== undefined && before.entries.length > 0 && version.run > before.run) {
      this.#suspect = { version, sentAt, at }
    } else if (before === undefined || orderOf(version) > orderOf(before)) this.#take(version, sentAt, at)
  }

  /** The receiver began to run, with what it had made durable. */
  started(at: number): void {
    this.#bornAt = at
  }

  /** Takes what is served from now on, and tells what is wrong with it. */
  see(seen: Seen, at: number): string[] {
    this.#seen = seen
    return seen.entries.flatMap((entry, index) => {
      const truth = this.#entries.get(entry.id)
      if (truth === undefined) return [`P5: ${this.#name} serves ${entry.id}, which nobody sent`]
      const wrong = [
        ...(this.hasRival ? dangling(entry) : wrongBytes(entry, truth, this.#runUntold(truth))),
        ...(this.#isLost ? [] : [...this.#places.wrong(entry, truth, index), ...this.#early(entry, truth, at)]),
      ]
      return wrong.map((what) => `${what}: ${this.#name}, number ${entry.number}, entry ${entry.id}`)
    })
  }

  /** Entries of the runs that nobody can tell from an entry's. */
  #runUntold({ run }: TrueEntry): TrueEntry[] {
    return this.#untold.has(run) ? [...this.#entries.values()].filter((other) => this.#untold.has(other.run)) : []
  }

  /** What should be served by `at` and is not; nothing changed since it was seen, and storage failed at `failedAt` last. */
  late(at: number, failedAt: number): string[] {
    this.#lookAtSuspect()
    const version = this.#newest
    if (this.#doubtedAt >= this.#newestSentAt || this.#suspect !== undefined) return []
    if (
      version === undefined ||
      this.#isUnsure ||
      this.#untold.has(version.run) ||
      this.#isSpoilt(version, failedAt, at)
    )
      return []
    if (this.#seen?.entries.some(({ id }) => (this.#entries.get(id)?.run ?? 0) > version.run)) return []
    const { dues, settled } = this.#dues(version)
    // A version that waits to be told may have been taken: no list begins before it any more.
    const first = this.#heardFirst.get(version.run) ?? 0
    const overdue = dues.filter(({ due, entry }) => due < at && entry.number >= first && !this.#isServed(entry))
    if (overdue.length > 0) {
      const missing = overdue.map(({ entry, due }) => `${entry.id} since ${at - due} ms`).join(', ')
      return [`P9: ${this.#name} does not serve ${missing}`]
    }
    return settled < at ? this.#stale(version, dues.at(-1)?.entry) : []
  }

  /** What failed is tried again; of a file that is one upload the rest is lost. */
  #isSpoilt({ fileSince }: TrueVersion, failedAt: number, at: number): boolean {
    if (fileSince !== undefined) return failedAt >= fileSince
    return failedAt >= this.#newestSentAt && at < failedAt + RECOVERED_MS
  }

  #take(version: TrueVersion, sentAt: number, at: number): void {
    if (version.run === this.#newest?.run && this.#doubtedAt >= this.#newestSentAt) this.#takeDoubted(version)
    for (const entry of version.entries) if (!this.#namedAt.has(entry)) this.#namedAt.set(entry, at)
    this.#firstNumbers.set(
      version.run,
      Math.max(this.#firstNumbers.get(version.run) ?? 0, version.entries[0]?.number ?? 0),
    )
    this.#newest = version
    this.#newestSentAt = sentAt
    this.#newestSince = at
  }

  /** What came for a hole after other bytes for a known name may be of a life that nobody heard of. */
  #takeDoubted({ entries }: TrueVersion): void {
    for (const { id, segment } of entries) {
      if (!this.isShown(id) && (segment.readyAt ?? 0) > this.#doubtedAt) segment.isTaken = true
    }
  }

  /** That the encoder starts over shows in its numbers, together with the last segment that it names. */
  #lookAtSuspect(): void {
    const suspect = this.#suspect
    const last = suspect?.version.entries.at(-1)
    const readyAt = last?.segment.readyAt
    if (suspect === undefined || readyAt === undefined) return
    if (readyAt > suspect.at + SUSPECT_WAIT_MS) {
      // The next version tells.
      this.#suspect = undefined
      return
    }
    // What comes for the first time under the name of a hole may as well be late: it tells nothing.
    const before = this.#newest?.entries.find(({ number }) => number === last?.number)
    if (before !== undefined && !this.isShown(before.id)) return
    if (this.#isHole(last)) return
    const { entries } = suspect.version
    if (entries.filter(({ segment }) => segment.readyAt !== undefined).length * 2 < entries.length) return
    this.#suspect = undefined
    if (this.#newest !== undefined && lastOf(suspect.version) >= lastOf(this.#newest)) this.giveUp()
    this.#take(suspect.version, suspect.sentAt, Math.max(suspect.at, readyAt))
  }

  /** Whether a hole is served under the number of an entry, of another run. */
  #isHole(entry: TrueEntry | undefined): boolean {
    const numbered = this.#seen?.entries.find(({ id }) => this.#entries.get(id)?.number === entry?.number)
    return numbered !== undefined && numbered.id !== entry?.id && numbered.hash === undefined
  }

  /**
   * By when each entry that is here must be served: after those before it, which are waited for one target duration. Once
   * it is settled for every entry whether it is here, the list is served as it stands.
   */
  #dues(version: TrueVersion): { dues: { entry: TrueEntry; due: number }[]; settled: number } {
    const since = Math.max(this.#newestSince, this.#bornAt)
    let before = since
    let isOpening = true
    const dues = this.#from(version, this.#seen?.entries[0]?.id).flatMap((entry) => {
      const named = Math.max(this.#namedAt.get(entry) ?? since, this.#bornAt)
      isOpening &&= readyAt(entry) > this.#newestSentAt
      // What comes first for an ended list may be the first of the next run, and one that fills a hole is missing in its own.
      const isMissing = (isOpening && version.hasEndlist) || entry.segment.isTaken
      const ready = isMissing ? Number.POSITIVE_INFINITY : Math.max(readyAt(entry), named)
      const due = Math.max(before, ready) + PROMPT_MS
      const awaitedSince = entry.segment.isTaken ? Math.max(named, this.#newestSince) : named
      before = Math.max(before, Math.min(ready, awaitedSince + this.#longestTarget))
      return Number.isFinite(ready) ? [{ entry, due }] : []
    })
    return { dues, settled: Math.max(before + PROMPT_MS, ...dues.map(({ due }) => due)) }
  }

  #isServed(entry: TrueEntry): boolean {
    const entries = this.#seen?.entries ?? []
    const found = entries.find(({ id }) => id === entry.id)
    if (found !== undefined) return found.hash !== undefined
    const offset = this.#places.offset(entry.run)
    const [first] = entries
    return first !== undefined && offset !== undefined && first.number > entry.number + offset
  }

  /** Nothing else is served than the newest version, as far as its last entry that is here; to its end when it has ended. */
  #stale(version: TrueVersion, last: TrueEntry | undefined): string[] {
    const seen = this.#seen
    if (seen === undefined || last === undefined) return []
    const served = seen.entries.map(({ id }) => id)
    const entries = this.#from(version, seen.entries[0]?.id)
    // What is not sure to be here may be served all the same.
    const least = version.hasEndlist ? entries.length : entries.indexOf(last) + 1
    const expected = entries.slice(0, Math.max(least, served.length)).map(({ id }) => id)
    // A version may have been taken although nobody heard of it.
    const isNewer =
      // An encoder that goes on after its end does so with its next entry.
      (seen.hasEndlist && !version.hasEndlist && served.includes(last.id)) ||
      !version.entries.some(({ id }) => id === served.at(-1)) ||
      this.#sent.some((sent) => orderOf(sent) > orderOf(version) && startsWith(sent, served))
    if (isNewer || (served.join() === expected.join() && seen.hasEndlist === version.hasEndlist)) return []
    return [`P9: ${this.#name} serves ${served}${endOf(seen)} instead of ${expected}${endOf(version)}`]
  }

  /** The entries of a version from where an earlier one began, which nobody may have heard of: a list never begins before. */
  #from({ run, entries }: TrueVersion, servedFirst: string | undefined): readonly TrueEntry[] {
    const { number = 0 } = entries.find(({ id }) => id === servedFirst) ?? {}
    const began = this.#sent.some((sent) => sent.run === run && sent.entries[0]?.number === number)
    const first = Math.max(this.#firstNumbers.get(run) ?? 0, began ? number : 0)
    return entries.filter((entry) => entry.number >= first)
  }

  #early(entry: SeenEntry, truth: TrueEntry, at: number): string[] {
    const sentAt = this.#sentAt.get(truth) ?? at
    return entry.hash === undefined && at < sentAt + this.#shortestTarget ? ['P9: a GAP before its time'] : []
  }
}
