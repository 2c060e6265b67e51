import { archiveUpTo, withoutArchive } from './archive/archive.ts'
import { datedBegun } from './archive/dated.ts'
import type { RunDates } from './archive/run-dates.ts'
import { runBegun } from './archive/runs.ts'
import type { Version } from './catalog.ts'
import type { ArrivingBody } from './custody.ts'
import { hasPassed } from './elapsed.ts'
import { ReceiverError } from './errors.ts'
import { END_QUIET_MS, GAP_MEND_MS } from './limits.ts'
import type { OpenBody } from './open-bodies.ts'
import type { Placement } from './placement.ts'
import { type Floor, hasAll, hasAny } from './playlist/floor.ts'
import type { Candidates, UriLookup } from './playlist/lookup.ts'
import { type MediaStep, publishMedia } from './playlist/publish.ts'
import type { ScannedPlaylist } from './playlist/scan.ts'
import { allChunks } from './playlist/sealed-part.ts'
import { isBreak, type Timeline, type TimelineEntry } from './playlist/timeline.ts'
import { trimmed } from './playlist/trim.ts'
import { boundTo, type NamedObjects, type PlaylistCommitter } from './playlist-commit.ts'
import type { MediaRecord } from './playlist-record.ts'
import { type PlaylistState, type PlaylistStates, scanRecord } from './playlist-states.ts'
import { type Advance, advanceMedia, type MediaVersion, type Newer, wholeTimeline } from './playlist-versions.ts'
import type { Digest, Host, Journal, JournalWrite } from './ports.ts'
import { keys, type StoredObject } from './records.ts'
import type { PolicyFor } from './restart-policy.ts'
import { type ChunkPlace, readChunks, sealEntries } from './sealed-list.ts'
import type { Sharing } from './sharing/sharing.ts'
import { quietSince } from './waiting-note.ts'

/** What the publisher of media playlists needs. */
export interface MediaParts {
  readonly host: Host
  readonly journal: Journal
  readonly placement: Placement
  readonly states: PlaylistStates
  readonly committer: PlaylistCommitter
  readonly dates: RunDates
  readonly policyFor: PolicyFor
  readonly sharing: Sharing
  /** Finds what the URIs of a playlist stand for. */
  lookup(at: ChunkPlace, owner: string): UriLookup
  bornFrom(app: string, name: string): string
  onOpened(app: string, object: StoredObject): void
  onRunBegun(app: string, name: string): void
  /** Calls for `lookAgain` in its turn. */
  wake(state: PlaylistState): void
}

/** A playlist whose archive is to be written with it. */
interface ArchivedRecord {
  readonly record: MediaRecord
  readonly writes: readonly JournalWrite[]
}

/** Takes in versions of media playlists, and publishes them as what they name comes in. */
export class MediaPublisher {
  readonly #parts: MediaParts

  constructor(parts: MediaParts) {
    this.#parts = parts
  }

  /**
   * Takes in a version. Throws `name-taken` of a new run that is refused. `older` was not taken, since a newer one is known;
   * `suspect` neither, but it may be a new run; `partial`: it is a new run, or goes on from another number, and has to be read from its first entry on.
   */
  async accept(state: PlaylistState, version: MediaVersion): Promise<'taken' | 'older' | 'suspect' | 'partial'> {
    const { host, journal, dates } = this.#parts
    const continued =
      version.continues !== undefined && state.record?.kind === 'media' ? state.record.timeline : undefined
    const known = continued ?? wholeTimeline(journal, state, state.record, this.#parts.bornFrom)
    const lookup = this.#parts.lookup(state, version.owner)
    const { asked } = state
    const advanced = await this.#advance(state, version, known, lookup)
    if (advanced.kind === 'older') return advanced.isCertain ? 'older' : 'suspect'
    const begins = advanced.isNewRun || advanced.raisedTo !== undefined
    if (begins && version.continues !== undefined) return 'partial'
    if (advanced.isNewRun) this.#assertAllowed(state, version, known, lookup)
    if (advanced.isNewRun) host.log.info('new run', { app: state.app, name: state.name })
    const isReplacing = advanced.isNewRun && this.#parts.policyFor(state.app, state.name) === 'overwrite'
    const kept = isReplacing
      ? withoutArchive(journal, state, advanced.record)
      : this.#archiveLeaving(state, advanced.record)
    const { record, writes: archived } = this.#archiveOthers(state, kept, version, lookup, advanced.raisedTo)
    const answered = asked === undefined ? [] : [{ key: keys.asked(state.app, state.name), value: null }]
    const isFirst = known.entries.length === 0 && record.timeline.entries.length > 0
    const number = begins ? advanced.record.timeline.run.firstNumber : (record.timeline.entries[0]?.number ?? 0)
    const begun =
      begins || isFirst ? runBegun(journal, dates, state, { number, cameAt: version.cameAt, isReplacing }) : []
    const dated = state.record === undefined ? datedBegun(state, version.cameAt) : []
    const writes = [...archived, ...answered, ...begun, ...dated]
    // Who asks while this is made durable asks for what comes next.
    state.asked = undefined
    try {
      const publish = () =>
        this.#publish(state, record, trimmed(version.scanned, record.timeline), { isNew: true, writes })
      await (isReplacing ? this.#parts.states.moveArchive(state, publish) : publish())
    } catch (error) {
      state.asked = asked ?? state.asked
      throw error
    }
    if (begins) this.#parts.onRunBegun(state.app, state.name)
    return 'taken'
  }

  /**
   * Puts a version where it belongs. Where the store is shared, others may have had the playlist meanwhile; whoever gets the
   * segments of what is new in it takes it over.
   */
  async #advance(state: PlaylistState, version: MediaVersion, known: Timeline, lookup: UriLookup): Promise<Advance> {
    const { host, sharing } = this.#parts
    const { app, name, record, asked } = state
    const now = host.clock.now()
    const advanceFrom = (floor: Floor | undefined) =>
      advanceMedia(record, version, known, lookup, { asked, floor, now })
    const advanced = advanceFrom(sharing.floor(app, name))
    if (!sharing.isShared || advanced.kind === 'older') return advanced
    const news = newEntries(known, advanced)
    if (!hasAny(news, lookup)) return advanced
    const isDoubtful = advanced.isNewRun || !hasAll(news.slice(0, -1), lookup)
    if (isDoubtful) await sharing.look(app, name)
    await sharing.claim(app, name)
    return advanceFrom(sharing.floor(app, name))
  }

  /** A run that is refused has sent nothing that was taken: its list would name the files of the run before. */
  #assertAllowed({ app, name }: PlaylistState, version: MediaVersion, known: Timeline, lookup: UriLookup): void {
    if (this.#parts.policyFor(app, name) !== 'reject') return
    const isOld = ({ id }: Version) => id <= known.acceptedId
    const isTaken = ({ versions, open }: Candidates) =>
      versions.length > 0 && versions.every(isOld) && open.length === 0
    if (!version.scanned.entries.some(({ uri }) => isTaken(lookup.find(uri)))) return
    this.#parts.host.log.warn('new run refused', { app, name, id: version.id })
    throw new ReceiverError('name-taken')
  }

  /** Publishes what has come in, or was awaited long enough, since the last look. */
  async lookAgain(state: PlaylistState, record: MediaRecord): Promise<void> {
    if (state.scanned !== undefined) await this.#publish(state, record, state.scanned, { isNew: false, writes: [] })
  }

  /** Ends a list that took no version for END_QUIET_MS, as if its encoder had written EXT-X-ENDLIST. */
  async end(state: PlaylistState): Promise<void> {
    const { app, name, record, scanned } = state
    const { log, clock } = this.#parts.host
    if (record?.kind !== 'media' || scanned === undefined || record.timeline.hasEndlist) return
    if (!hasPassed(record.timeline.acceptedAt, END_QUIET_MS, clock.now())) return
    log.info('playlist ended', { app, name })
    const ended = { ...record, timeline: { ...record.timeline, hasEndlist: true } }
    await this.#publish(state, ended, scanned, { isNew: true, writes: [] })
  }

  /** Keeps in the archive what the newest version names no more. */
  #archiveLeaving({ app, name, record: before, scanned }: PlaylistState, record: MediaRecord): ArchivedRecord {
    const first = record.timeline.entries[0]
    if (before?.kind !== 'media' || scanned === undefined || first === undefined) return { record, writes: [] }
    const lookup = this.#parts.lookup({ app, name }, before.owner)
    const { archived, writes } = archiveUpTo({ app, name }, before, scanned, lookup, first.number)
    return { record: { ...record, archived }, writes }
  }

  /** Keeps in the archive what a version names that was sent to another receiver, and leaves it out of the list. */
  #archiveOthers(
    at: ChunkPlace,
    { record, writes }: ArchivedRecord,
    { scanned }: MediaVersion,
    lookup: UriLookup,
    raisedTo: number | undefined,
  ): ArchivedRecord {
    const { timeline } = record
    if (raisedTo === undefined || raisedTo <= (timeline.entries[0]?.number ?? raisedTo)) return { record, writes }
    const others = archiveUpTo(at, record, trimmed(scanned, timeline), lookup, raisedTo)
    const left = timeline.entries.filter(({ number }) => number < raisedTo)
    const served = {
      ...timeline,
      entries: timeline.entries.slice(left.length),
      discontinuitiesBefore: timeline.discontinuitiesBefore + left.filter(isBreak).length,
    }
    return {
      record: { ...record, timeline: served, archived: others.archived, isGrowing: false },
      writes: [...writes, ...others.writes],
    }
  }

  async #publish(
    state: PlaylistState,
    record: MediaRecord,
    scanned: ScannedPlaylist,
    { isNew, writes }: { readonly isNew: boolean; readonly writes: readonly JournalWrite[] },
  ): Promise<void> {
    const { host, states, committer } = this.#parts
    const lookup = this.#parts.lookup(state, record.owner)
    let step = publishMedia(record, scanned, lookup, host.clock.now())
    // From here on an arrival wakes the playlist, also while its change is made durable.
    states.wait(state, namesIn(state.app, step.awaited))
    // Whoever removes what this is bound to learns of it at the same moment: there is no pause where nothing arrives.
    if (step.arriving.length > 0 && (await this.#takeArriving(state, step))) {
      step = publishMedia(record, scanned, lookup, host.clock.now())
      states.wait(state, namesIn(state.app, step.awaited))
    }
    this.#wakeAt(state, step.wakeAt ?? this.#noteEnd(step))
    const bound = boundTo(step.record.timeline.entries)
    if (!isNew && !step.isPublished) return committer.bind(state, step.record, bound)
    const now = host.clock.now()
    const tools = { digest: this.#digest(state, record), newList: () => host.nextId(), now }
    const sealing = step.isPublished ? sealEntries(state, step.record, scanned, step, tools) : undefined
    const archiving =
      sealing === undefined
        ? undefined
        : archiveUpTo(state, step.record, scanned, lookup, sealing.record.timeline.entries[0]?.number ?? 0)
    const committed = sealing?.record ?? step.record
    await committer.commit(state, {
      record: archiving === undefined ? committed : { ...committed, archived: archiving.archived },
      isPublished: step.isPublished,
      names: namesShown(step, bound),
      bound,
      isWaiting: step.awaited.length > 0,
      writes: [...writes, ...(sealing?.writes ?? []), ...(archiving?.writes ?? [])],
      scanned: sealing === undefined ? scanned : scanRecord(sealing.record),
      digest: sealing?.digest,
    })
    const holes = (step.record.served?.holes ?? 0) - (record.served?.holes ?? 0)
    if (step.isPublished && holes > 0) host.meter.count('gaps', holes)
  }

  /** Makes durable what playlists name of bodies that still arrive; true when that took a while: there may be more to bind. */
  async #takeArriving(state: PlaylistState, { arriving }: MediaStep): Promise<boolean> {
    // One that is over is being placed as a whole: it wakes the playlist when it is.
    const open = arriving.filter((each) => !each.open.body.isOver)
    const isHere = (each: { open: OpenBody; end: number }) => each.open.body.received >= each.end
    for (const each of open.filter((other) => !isHere(other))) this.#watch(state, each.open.body, each.end)
    const here = new Set(open.filter(isHere).map((each) => each.open))
    for (const { at, body } of here) {
      try {
        const object = await this.#parts.placement.placeOpen(at, body, await body.makeDurable())
        this.#parts.onOpened(at.app, object)
      } catch (cause) {
        // Its own upload fails too, or has just ended; either way the playlist is looked at again then.
        this.#parts.host.log.warn('range of an arriving body not taken', { app: at.app, cause })
      }
    }
    return here.size > 0
  }

  #watch(state: PlaylistState, body: ArrivingBody, end: number): void {
    const mark = `${body.id} ${end}`
    if (state.watched.has(mark)) return
    state.watched.add(mark)
    body.onReceived(end, () => {
      state.watched.delete(mark)
      this.#parts.wake(state)
    })
  }

  /** When the note that a playlist waits may go. */
  #noteEnd({ record, awaited }: MediaStep): number | undefined {
    const end = quietSince(record) + GAP_MEND_MS
    return awaited.length > 0 && end > this.#parts.host.clock.now() ? end : undefined
  }

  #wakeAt(state: PlaylistState, at: number | undefined): void {
    const { clock } = this.#parts.host
    state.cancelWake()
    state.cancelWake =
      at === undefined ? () => {} : clock.after(Math.max(0, at - clock.now()), () => this.#parts.wake(state))
  }

  /** The running hash over what is sealed; after a start it is made again. */
  #digest(state: PlaylistState, { sealed }: MediaRecord): Digest {
    const { host, journal } = this.#parts
    if (sealed === undefined) return host.createDigest()
    if (state.digest !== undefined) return state.digest
    const digest = host.createDigest()
    for (const raw of readChunks(journal, state, allChunks(sealed), 'raw')) digest.update(raw)
    state.digest = digest
    return digest
  }
}

/** What a version names behind what was known before. */
function newEntries({ entries }: Timeline, { record, isNewRun }: Newer): readonly TimelineEntry[] {
  const last = isNewRun ? -1 : (entries.at(-1)?.number ?? -1)
  const first = record.timeline.run.firstNumber
  return record.timeline.entries.filter(({ number }) => number > last && (!isNewRun || number >= first))
}

/** What is shown of what a list is bound to. */
function namesShown({ record, shown, isPublished }: MediaStep, bound: NamedObjects): NamedObjects {
  const { entries } = record.timeline
  return !isPublished || shown.length === entries.length ? bound : boundTo(entries.slice(0, shown.length))
}

function namesIn(app: string, bases: readonly string[]): string[] {
  return bases.map((base) => `${app}/${base}`)
}
