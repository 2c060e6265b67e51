import type { Capture, CapturedRequest } from '../../src/testing/capture.ts'
import { type ExpectedVersion, expectedTimeline, type Timeline } from '../../src/testing/expected-timeline.ts'
import { sha256 } from '../../src/testing/origin-reader.ts'
import { encoderNameOf, type RecordedBody, servedNameOf } from '../../src/testing/recording.ts'
import { ReplayRecording } from '../../src/testing/replay-recording.ts'
import { isKept, isPlaylist, nameOf, uploadTarget } from '../support/captures.ts'

/** What a capture's encoder sent, of which a receiver may keep everything. */
export function recordingOf(capture: Capture): ReplayRecording {
  return new ReplayRecording(capture.requests.filter(isKept), uploadTarget)
}

/** What an honest receiver serves of a capture's playlist. */
export function timelineOf(capture: Capture, path: string): Timeline {
  return expectedTimeline(recordingOf(capture).bodies, path)
}

/** What was recorded of a request, among the bodies of its capture. */
export function bodyOf(
  capture: Capture,
  request: CapturedRequest,
  bodies: readonly RecordedBody[],
): RecordedBody | undefined {
  return bodies[capture.requests.filter(isKept).indexOf(request)]
}

/** A way in which a push may come: without one of its requests, and in another order. */
interface Coming {
  readonly lost: CapturedRequest | undefined
  readonly came: Capture
}

/** The text that the origin serves of a playlist when the whole push has come, as it was recorded or as told. */
export function expectedText(capture: Capture, path: string, { lost, came }: Partial<Coming> = {}): string {
  const { bodies } = recordingOf(capture)
  const timeline = expectedTimeline(bodies, path)
  const newest = newestOf(timeline.versions)
  if (newest === undefined) return multivariantText(capture, path)
  const lostBody = lost === undefined ? undefined : bodyOf(capture, lost, bodies)
  const stored = storedUris(inOrder(capture, came ?? capture, bodies))
  return [...headerLines(timeline, newest), ...entryLines(timeline, newest, stored, lostBody)]
    .concat(newest.playlist.hasEndlist ? ['#EXT-X-ENDLIST', ''] : [''])
    .join('\n')
}

/** The bodies that come, in the order of their ends. */
function inOrder(capture: Capture, came: Capture, bodies: readonly RecordedBody[]): readonly RecordedBody[] {
  const endOf = ({ endedAt, sentAt }: CapturedRequest) => endedAt ?? sentAt
  const kept = [...came.requests].filter(isKept).sort((one, other) => endOf(one) - endOf(other))
  const numbers = capture.requests.filter(isKept).map(({ n }) => n)
  return kept.flatMap(({ n }) => bodies[numbers.indexOf(n)] ?? [])
}

function multivariantText(capture: Capture, path: string): string {
  const versions = capture.requests.filter((request) => isPlaylist(request) && servedNameOf(nameOf(request)) === path)
  return new TextDecoder().decode(versions.at(-1)?.body)
}

/** Of the newest run: the one that reaches furthest, the one with the end, the last one. */
function newestOf(versions: readonly ExpectedVersion[]): ExpectedVersion | undefined {
  const rank = ({ lastNumber, playlist }: ExpectedVersion) => lastNumber * 2 + (playlist.hasEndlist ? 1 : 0)
  return versions.reduce<ExpectedVersion | undefined>(
    (best, next) => (best === undefined || rank(next) >= rank(best) ? next : best),
    undefined,
  )
}

/** The lines above the first entry. */
function headerLines({ versions, entries }: Timeline, newest: ExpectedVersion): string[] {
  const marked = new Set(versions.flatMap(discontinuitiesOf))
  const slidOut = [...marked].filter((number) => number < newest.firstNumber).length
  const target = Math.max(...versions.map(({ playlist }) => playlist.targetDuration))
  const lines = linesOf(newest)
  const keyed = entries.length === 0 ? lines.length - 1 : firstEntryLine(lines)
  return lines.slice(0, keyed).flatMap((line) => {
    if (line.startsWith('#EXT-X-TARGETDURATION:')) return [`#EXT-X-TARGETDURATION:${target}`]
    if (!line.startsWith('#EXT-X-MEDIA-SEQUENCE:')) return [withUri(line, encoderNameOf)]
    const sequence = `#EXT-X-MEDIA-SEQUENCE:${newest.firstNumber}`
    return slidOut === 0 ? [sequence] : [sequence, `#EXT-X-DISCONTINUITY-SEQUENCE:${slidOut}`]
  })
}

function entryLines(
  { versions, entries }: Timeline,
  newest: ExpectedVersion,
  stored: ReadonlyMap<RecordedBody, string>,
  lost: RecordedBody | undefined,
): string[] {
  const groups = entryGroups(linesOf(newest))
  const rendered = groups.map((group, index) => {
    const entry = entries.find(({ number }) => number === newest.firstNumber + index)
    const body = entry?.segment.body
    const end = entry?.segment.range?.end ?? 0
    const isMissing = body === undefined || body === lost || end > body.bytes.length
    const beginsRun = versions.some((version) => version.beginsRun && version.firstNumber === entry?.number)
    const isMarked = beginsRun && !group.includes('#EXT-X-DISCONTINUITY')
    const uri = (isMissing ? undefined : stored.get(body)) ?? publicUri(group.at(-1) ?? '')
    const above = [...(isMarked ? ['#EXT-X-DISCONTINUITY'] : []), ...group.slice(0, -1)]
    return { isMissing, lines: [...above, ...(isMissing ? ['#EXT-X-GAP'] : []), uri] }
  })
  const last = newest.playlist.hasEndlist ? rendered.length : rendered.findLastIndex(({ isMissing }) => !isMissing) + 1
  return rendered.slice(0, last).flatMap(({ lines }) => lines)
}

/** The URI of each body: the encoder's name, or the next number where other bytes had it first; see `withoutIds`. */
function storedUris(bodies: readonly RecordedBody[]): Map<RecordedBody, string> {
  const names = new Map<string, string>()
  return new Map(
    bodies.map((body) => {
      const key = `${body.name} ${sha256(body.bytes)}`
      const name = names.get(key) ?? freeName(body.name, new Set(names.values()))
      names.set(key, name)
      return [body, name.includes('?') ? name.replace(/^([^.?]*).*(\.[^.]*)$/, '$1-ID$2') : encodeUri(name)]
    }),
  )
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name
  let next = nextNumber(name)
  if (next === name || !taken.has(next)) return name.replace(/(\.[^.]*)$/, '_1$1')
  while (taken.has(next)) next = nextNumber(next)
  return next
}

function nextNumber(name: string): string {
  return name.replace(/(\d+)(\.(?!mp4$)[^.]*)$/, (_, digits: string, extension: string) => {
    return String(Number(digits) + 1).padStart(digits.length, '0') + extension
  })
}

/** A served text with the ids in the stored names of query names, which differ in each run, taken out. */
export function withoutIds(text: string): string {
  return text.replace(/^(stream1)-[0-9a-z-]+(\.ts)$/gm, '$1-ID$2')
}

/** What stands for a segment that is not here: its name, without a query. */
function publicUri(uri: string): string {
  return encodeUri(servedNameOf(encoderNameOf(uri)))
}

function discontinuitiesOf({ playlist, firstNumber, beginsRun }: ExpectedVersion): number[] {
  const written = playlist.entries.flatMap((entry, index) => (entry.isDiscontinuity ? [firstNumber + index] : []))
  return beginsRun ? [firstNumber, ...written] : written
}

function linesOf({ body }: ExpectedVersion): string[] {
  return new TextDecoder().decode(body.bytes).trimEnd().split('\n')
}

/** The lines of each entry, its URI last. */
function entryGroups(lines: readonly string[]): string[][] {
  const groups: string[][] = [[]]
  for (const line of lines.slice(firstEntryLine(lines))) {
    groups.at(-1)?.push(line)
    if (!line.startsWith('#')) groups.push([])
  }
  return groups.slice(0, -1)
}

function firstEntryLine(lines: readonly string[]): number {
  return lines.findIndex((line) => /^#(?:EXTINF:|EXT-X-DISCONTINUITY$)/.test(line))
}

function withUri(line: string, rewrite: (uri: string) => string): string {
  return line.replace(/URI="(https?:[^"]*)"/, (_, uri: string) => `URI="${rewrite(uri)}"`)
}

function encodeUri(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}
