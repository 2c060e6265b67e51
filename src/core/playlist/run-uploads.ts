import { isBody, type Version } from '../catalog.ts'
import { GAP_MEND_MS } from '../limits.ts'
import type { OpenBody } from '../open-bodies.ts'
import { waitOf } from './gate.ts'
import type { UriLookup } from './lookup.ts'
import type { ScannedPlaylist } from './scan.ts'
import type { Bound, Run, Timeline, TimelineEntry } from './timeline.ts'

/**
 * Tells which uploads belong to the run that a timeline shows. Names are used again by the next run, whose first segments
 * come before its playlist: they must not fill the holes of this one.
 */
export class RunUploads {
  readonly #timeline: Timeline
  readonly #lookup: UriLookup
  readonly #now: number
  #nextRun: string | undefined

  constructor(timeline: Timeline, lookup: UriLookup, now: number) {
    this.#timeline = timeline
    this.#lookup = lookup
    this.#now = now
  }

  /** Those of a name's uploads, oldest first, that an entry may be bound to. */
  of(entry: TimelineEntry, versions: readonly Version[]): readonly Version[] {
    const { from, to, askedAt } = this.#lifeOf(entry)
    const own = versions.filter(({ id }) => id >= from && (to === undefined || id < to))
    // Where somebody else asked for the encoder's words, what was on its way then is of this life.
    const isFromBefore = own.length === 0 && askedAt !== undefined && this.#isLate(entry)
    const ofRun = isFromBefore ? versions.filter(({ object }) => object.acceptedAt >= askedAt).slice(-1) : own
    return ofRun.some(({ id }) => id > this.#timeline.acceptedId) ? this.#beforeNext(entry, ofRun) : ofRun
  }

  /** Of several uploads those that began before the newest version did, if any: a list that took long means no later ones. */
  meant(versions: readonly Version[]): readonly Version[] {
    const before = versions.filter(({ id }) => id < this.#timeline.acceptedId)
    return before.length > 0 ? before : versions
  }

  /** Id of the first upload since the newest version that brought other bytes for a name which is bound; empty: none did. */
  get nextRun(): string {
    this.#nextRun ??= this.#beginOfNextRun()
    return this.#nextRun
  }

  /** Whether an upload may be an entry's MAP or KEY: they begin before what they are named for, so never after the end. */
  mayBeShared(id: string): boolean {
    return id < this.#timeline.acceptedId || !this.#timeline.hasEndlist
  }

  /** Whether an upload began before the newest version did. */
  isListed(id: string): boolean {
    return id < this.#timeline.acceptedId
  }

  /** Whether a body may hold an entry's byte range: it begins before the playlists that name its parts, or under a new name. */
  mayHold(entry: TimelineEntry, id: string, versions: readonly Version[]): boolean {
    const { acceptedId, hasEndlist } = this.#timeline
    const isNewName = !versions.some((version) => version.id < acceptedId)
    return id < acceptedId || isNewName || (!hasEndlist && !this.#isLate(entry))
  }

  /**
   * Whether an entry of a life that was appended goes on with a MAP or KEY of the life before: encoders send them before their
   * first segment, if at all.
   */
  mayKeep(entry: TimelineEntry, open: readonly OpenBody[]): boolean {
    const { from, askedAt } = this.#lifeOf(entry)
    return (
      askedAt !== undefined &&
      (this.#isLate(entry) || (entry.segment !== undefined && !open.some(({ body }) => body.id >= from)))
    )
  }

  /** The encoder's life that an entry is from: its uploads begin with the id `from`, and end before `to` where that is known. */
  #lifeOf({ number }: TimelineEntry): { from: string; to: string | undefined; askedAt: number | undefined } {
    const { from, appended = [] } = this.#timeline.run
    const own = appended.findLast((life) => life.number <= number)
    const next = appended.find((life) => life.number > number)
    return { from: own?.from ?? from, to: next?.lifeBeforeTo, askedAt: own?.askedAt }
  }

  #isLate({ namedAt }: TimelineEntry): boolean {
    return this.#now >= namedAt + waitOf(this.#timeline)
  }

  /** What came after the newest version may be of the next run, which sends its files before its playlist. */
  #beforeNext(entry: TimelineEntry, versions: readonly Version[]): readonly Version[] {
    const { hasEndlist, acceptedId } = this.#timeline
    const isOver = this.#isLate(entry) && (hasEndlist || this.#now >= entry.namedAt + GAP_MEND_MS)
    const end = isOver && this.#mayBeginRun(entry) ? acceptedId : this.nextRun
    return end === '' ? versions : versions.filter(({ id }) => id < end)
  }

  /** A next run sends its first segment first: where that would fill a hole too, only time tells the two apart. */
  #mayBeginRun({ number }: TimelineEntry): boolean {
    const { entries, run } = this.#timeline
    const before = entries.filter((entry) => entry.number < number)
    return (before[0]?.number ?? number) <= run.firstNumber && before.every(({ segment }) => segment === undefined)
  }

  /** What an entry is going to be bound to, where it came before the newest version. */
  #sentBefore(entry: TimelineEntry): Bound | undefined {
    const { from } = this.#lifeOf(entry)
    const isBefore = ({ id }: Version) => id >= from && id < this.#timeline.acceptedId
    const sent = this.#lookup.find(entry.uri).versions.findLast(isBefore)
    return sent && { stored: sent.object.stored, id: sent.id }
  }

  #beginOfNextRun(): string {
    const { entries, acceptedId, gone } = this.#timeline
    const bound = new Map<string, (Bound | 'awaited')[]>()
    for (const each of gone) if ('stored' in each) bound.set(each.uri, [{ stored: each.stored, id: acceptedId }])
    for (const entry of entries) {
      const { uri, segment, shared } = entry
      const before = bound.get(uri)
      // A name that stands there twice waits for its next upload.
      const expected = before === undefined ? this.#sentBefore(entry) : undefined
      bound.set(uri, [...(before ?? []), segment ?? expected ?? 'awaited'])
      for (const each of shared) if (each.bound !== null) bound.set(each.uri, [each.bound])
    }
    const again = [...bound].flatMap(([uri, each]) => {
      const known = each.filter((one) => one !== 'awaited')
      if (known.length < each.length) return []
      const isKnown = (version: Version) => known.some((one) => isBody(version, one))
      return this.#lookup.find(uri).versions.filter((version) => version.id > acceptedId && !isKnown(version))
    })
    return again.reduce((least, { id }) => (least === '' || id < least ? id : least), '')
  }
}

/** Ends an id that no other one is between: a life begins somewhere behind what is known of the one before. */
const VAGUE = '-'

/** Whether all that is known of where a life's uploads begin is where those of the life before ended. */
export function isVague(from: string): boolean {
  return from.endsWith(VAGUE)
}

/** A version that tells where its run begins: the id of its upload, and what it names. */
interface TellingVersion {
  readonly id: string
  readonly scanned: ScannedPlaylist
}

/**
 * A run that starts over after all of `before`: it begins with the first file that its first version names, if that one came
 * before the version.
 */
export function begun(
  run: Run,
  before: Timeline,
  { id, scanned }: TellingVersion,
  lookup: UriLookup,
  now: number,
): Run {
  const { acceptedId, entries } = before
  const shared = entries.flatMap((entry) => entry.shared.flatMap((each) => each.bound?.id ?? []))
  // What mended the old run may be the new one's: many more segments may be ranges of it.
  const whole = entries.flatMap((entry) => (entry.segment === undefined || isRange(entry) ? [] : [entry.segment.id]))
  const known = {
    segments: acceptedId,
    shared: newestOf(
      shared.filter((each) => each < acceptedId),
      acceptedId,
    ),
  }
  const from = firstUpload(scanned, lookup, known, new Set(whole))
  const after = newestOf([...whole, acceptedId], acceptedId)
  const { nextRun } = new RunUploads(before, lookup, now)
  const told = nextRun === '' ? { after } : { after, runBeforeTo: nextRun }
  if (from !== undefined && from < id) return { ...run, from, ...told }
  return { ...run, from: after + VAGUE, ...told, isVague: true }
}

/** A run that goes on after a pause: what came under names that `before` has is not of the life before. */
export function appended(run: Run, before: Timeline, lookup: UriLookup, now: number): Run {
  const { appended: lives = [] } = run
  const life = lives.at(-1)
  if (life === undefined || life === before.run.appended?.at(-1)) return run
  const { nextRun } = new RunUploads(before, lookup, now)
  return nextRun === '' ? run : { ...run, appended: [...lives.slice(0, -1), { ...life, lifeBeforeTo: nextRun }] }
}

/** A run as a further version tells where it begins: nothing of it had come yet, or its second segment before its first. */
export function settled(run: Run, { id, scanned }: TellingVersion, lookup: UriLookup): Run {
  const { isVague, ...rest } = run
  if (isVague === undefined) return { ...run, from: secondUpload(run, scanned, lookup) ?? run.from }
  const from = firstUpload(scanned, lookup, { segments: run.from, shared: run.from }, new Set())
  return from !== undefined && from < id ? { ...rest, from } : run
}

/** Id of the upload of a run's second segment, where connections overtook each other and its list named the first alone. */
function secondUpload({ from, after, firstNumber, offset }: Run, { entries }: ScannedPlaylist, lookup: UriLookup) {
  const [first, second] = entries
  if (after === undefined || second === undefined || first?.number !== firstNumber - offset) return undefined
  return lookup.find(second.uri).versions.findLast(({ id }) => id > after && id < from)?.id
}

function newestOf(ids: readonly string[], otherwise: string): string {
  return ids.length === 0 ? otherwise : ids.reduce((most, id) => (id > most ? id : most))
}

function isRange({ identity }: TimelineEntry): boolean {
  return !identity.includes('  ')
}

/** Ids of the last uploads that are known to be of another run. */
interface KnownUploads {
  readonly segments: string
  /** Of init sections and keys, which may come before the last list of the run before. */
  readonly shared: string
}

/**
 * Id of the first upload behind what is known of another run of what a version names, and what is not `bound` to that run: of
 * segments best one with new bytes. Init sections are often the same in every run.
 */
function firstUpload(
  scanned: ScannedPlaylist,
  lookup: UriLookup,
  known: KnownUploads,
  bound: ReadonlySet<string>,
): string | undefined {
  const uris = new Map(scanned.uris.flatMap(({ uri, role }) => (role === 'other' ? [] : [[uri, role]])))
  const later = [...uris].flatMap(([uri, role]) => {
    const { versions, open } = lookup.find(uri)
    const since = role === 'segment' ? known.segments : known.shared
    const before = new Set(versions.flatMap(({ id, object }) => (id <= since ? [object.stored] : [])))
    const isEarly = (id: string) => role !== 'segment' && id < known.segments
    const uploads = versions.flatMap(({ id, object }) => {
      const isNew = !before.has(object.stored)
      return isEarly(id) && !isNew ? [] : [{ id, isNew: role !== 'segment' || isNew }]
    })
    const all = [...uploads, ...open.map(({ body }) => ({ id: body.id, isNew: true }))]
    return all.filter(({ id }) => id > since && !bound.has(id))
  })
  const fresh = later.filter(({ isNew }) => isNew)
  const [first, ...others] = fresh.length > 0 ? fresh : later
  return others.reduce((least, { id }) => (least === undefined || id < least ? id : least), first?.id)
}
