import type { Gate } from './gate.ts'
import type { UriLookup } from './lookup.ts'
import type { CarriedSite, ScannedEntry, ScannedPlaylist, UriSite } from './scan.ts'
import { sharedLine, withDuration, withUri } from './served-line.ts'
import { sharedSites } from './shared.ts'
import { hasTag } from './tags.ts'
import { isBreak, type Timeline, type TimelineEntry } from './timeline.ts'

/** Tags that are written here, from what is known of all versions. */
const OUR_TAGS = ['#EXT-X-TARGETDURATION', '#EXT-X-MEDIA-SEQUENCE', '#EXT-X-DISCONTINUITY-SEQUENCE']

/** A media playlist as players get it: its own tags, each entry shown, and what follows the last one. Each text ends its lines. */
export interface RenderedPlaylist {
  readonly head: string
  readonly entries: readonly string[]
  readonly foot: string
}

/** The MAP and KEY lines that hold behind each entry as it was written. */
export type CarriedLines = readonly (readonly CarriedSite[])[]

/**
 * Writes a media playlist in the encoder's own lines; other are only the URIs, a hole's EXT-X-GAP, and what must never go
 * back: EXT-X-TARGETDURATION, EXT-X-MEDIA-SEQUENCE, EXT-X-DISCONTINUITY-SEQUENCE and the EXT-X-DISCONTINUITY of a new run.
 */
export function renderMedia(
  timeline: Timeline,
  scanned: ScannedPlaylist,
  { shown, isComplete }: Gate,
  lookup: UriLookup,
  sealedEntries: number,
): { readonly rendered: RenderedPlaylist; readonly carried: CarriedLines } {
  const writer = new EntryWriter(timeline, scanned, lookup)
  const carried: CarriedSite[][] = []
  const entries = shown.map(({ isMissing }, index) => {
    const text = writer.write(index, isMissing)
    carried.push(writer.carried(index))
    return text
  })
  const last = scanned.entries.at(-1)
  const rest = isComplete ? writer.rest(last === undefined ? scanned.bodyLine : last.uriLine + 1) : []
  const isOpen = !isComplete || !timeline.hasEndlist || rest.some(isEnd)
  const foot = isOpen ? rest : [...rest, '#EXT-X-ENDLIST']
  const firstEntry = timeline.entries[0]
  const first =
    firstEntry === undefined ? scanned.mediaSequence + timeline.run.offset : firstEntry.number - sealedEntries
  const head = textOf(renderHead(ownLines(scanned), timeline, first))
  return { rendered: { head, entries, foot: textOf(foot) }, carried }
}

/** The playlist's own tags; those that we write ourselves wherever the encoder wrote them. */
function ownLines({ lines, bodyLine }: ScannedPlaylist): string[] {
  return lines.filter((line, index) => (index < bodyLine ? !isEnd(line) : isOurs(line)))
}

function isOurs(line: string): boolean {
  return OUR_TAGS.some((tag) => hasTag(line, tag))
}

function isEnd(line: string): boolean {
  return hasTag(line, '#EXT-X-ENDLIST')
}

/** A discontinuity that an entry was first served without: its discontinuity sequence number would change. */
function isNewBreak(line: string, entry: TimelineEntry): boolean {
  return hasTag(line, '#EXT-X-DISCONTINUITY') && !isBreak(entry)
}

function renderHead(lines: readonly string[], timeline: Timeline, mediaSequence: number): string[] {
  const { targetDuration, discontinuitiesBefore } = timeline
  const isOwn = (line: string) => hasTag(line, '#EXT-X-MEDIA-SEQUENCE') || hasTag(line, '#EXT-X-DISCONTINUITY-SEQUENCE')
  const hadSequence = lines.some((line) => hasTag(line, '#EXT-X-MEDIA-SEQUENCE'))
  const sequences = [
    ...(hadSequence || mediaSequence > 0 ? [`#EXT-X-MEDIA-SEQUENCE:${mediaSequence}`] : []),
    ...(discontinuitiesBefore > 0 ? [`#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitiesBefore}`] : []),
  ]
  const durationAt = lines.findIndex((line) => hasTag(line, '#EXT-X-TARGETDURATION'))
  const sequenceAt = lines.findIndex((line) => hasTag(line, '#EXT-X-MEDIA-SEQUENCE'))
  const at = sequenceAt >= 0 ? sequenceAt : durationAt >= 0 ? durationAt : 0
  return lines.flatMap((line, index) => {
    const own = isOwn(line) ? [] : [index === durationAt ? `#EXT-X-TARGETDURATION:${targetDuration}` : line]
    return index === at ? [...own, ...sequences] : own
  })
}

class EntryWriter {
  readonly #timeline: Timeline
  readonly #scanned: ScannedPlaylist
  readonly #lookup: UriLookup
  readonly #shared: readonly (readonly UriSite[])[]
  readonly #sitesByLine: ReadonlyMap<number, UriSite>
  readonly #carriedTexts: ReadonlyMap<number, string>
  /** MAP and KEY lines as they hold where the writing has come to, by line of the encoder's. */
  readonly #effective = new Map<number, string>()

  constructor(timeline: Timeline, scanned: ScannedPlaylist, lookup: UriLookup) {
    this.#timeline = timeline
    this.#scanned = scanned
    this.#lookup = lookup
    this.#shared = sharedSites(scanned)
    this.#sitesByLine = new Map(scanned.uris.map((site) => [site.line, site]))
    this.#carriedTexts = new Map(scanned.carried.map(({ line, text }) => [line, text]))
    for (const { line, served } of scanned.carried) this.#effective.set(line, served)
  }

  /** The MAP and KEY lines that hold behind an entry. */
  carried(index: number): CarriedSite[] {
    return (this.#shared[index] ?? []).map((site, at) => ({
      ...site,
      line: -1 - at,
      entry: -1,
      text: this.#textOf(site),
      served: this.#effective.get(site.line) ?? '',
    }))
  }

  write(index: number, isMissing: boolean): string {
    const entry = this.#timeline.entries[index]
    const scanned = this.#scanned.entries[index]
    if (entry === undefined || scanned === undefined) return ''
    const isJoint = isBreak(entry) && !scanned.isDiscontinuity
    const changed = this.#changedShared(entry, index, scanned)
    const lines = isJoint ? ['#EXT-X-DISCONTINUITY'] : []
    if (!scanned.isDiscontinuity) lines.push(...changed)
    for (let line = scanned.firstLine; line < scanned.uriLine; line++) {
      lines.push(...this.#line(line, entry))
      if (hasTag(this.#scanned.lines[line] ?? '', '#EXT-X-DISCONTINUITY')) lines.push(...changed)
    }
    if (isMissing && !scanned.isGap) lines.push('#EXT-X-GAP')
    const { uri } = scanned
    const isHole = isMissing || entry.segment === undefined
    lines.push(isHole ? this.#lookup.public(uri) : this.#lookup.served(entry.segment.stored))
    return textOf(lines)
  }

  /** The lines from one on, without URIs of segments. */
  rest(from: number): string[] {
    const lines: string[] = []
    for (let line = from; line < this.#scanned.lines.length; line++) lines.push(...this.#line(line, undefined))
    return lines
  }

  /** A MAP or KEY of the same name that came anew holds for new entries only: the joint gets a line of its own. */
  #changedShared(entry: TimelineEntry, index: number, { firstLine }: ScannedEntry): string[] {
    const sites = (this.#shared[index] ?? []).filter(({ line }) => line < firstLine)
    return sites.flatMap((site) => {
      const text = this.#sharedLine(site, entry)
      if (this.#effective.get(site.line) === text) return []
      this.#effective.set(site.line, text)
      return [text]
    })
  }

  #textOf({ line }: UriSite): string {
    return this.#scanned.lines[line] ?? this.#carriedTexts.get(line) ?? ''
  }

  #line(index: number, entry: TimelineEntry | undefined): string[] {
    const line = this.#scanned.lines[index] ?? ''
    if (isOurs(line) || (entry !== undefined && (isEnd(line) || isNewBreak(line, entry)))) return []
    const site = this.#sitesByLine.get(index)
    if (site === undefined) return [entry === undefined ? line : withDuration(line, entry)]
    if (site.role === 'part') return this.#part(line, site)
    const isShared = site.role === 'map' || site.role === 'key'
    if (!isShared || entry === undefined) return [withUri(line, site, this.#lookup.passedOn(site.uri))]
    const text = this.#sharedLine(site, entry)
    this.#effective.set(index, text)
    return [text]
  }

  /** The encoder's own number makes the vector of a segment that is served under another. */
  #sharedLine(site: UriSite, entry: TimelineEntry): string {
    const { offset } = this.#timeline.run
    return sharedLine(this.#textOf(site), site, entry, this.#lookup, offset === 0 ? undefined : entry.number - offset)
  }

  /** A partial segment that is not here is left out: it is one way more to play what the entry has. */
  #part(line: string, site: UriSite): string[] {
    const object = this.#lookup.find(site.uri).versions.at(-1)?.object
    return object === undefined || object.isOpen === true
      ? []
      : [withUri(line, site, this.#lookup.served(object.stored))]
  }
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}
