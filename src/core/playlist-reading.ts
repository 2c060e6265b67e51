import { asReceiverError, ReceiverError } from './errors.ts'
import type { Finding } from './playlist/findings.ts'
import type { PlaylistUpload } from './playlist/intake.ts'
import { type ReadPlaylist, readPlaylist } from './playlist/read.ts'
import { readLines, type ScannedPlaylist } from './playlist/scan.ts'
import { endOf, type SealedPart } from './playlist/sealed-part.ts'
import { type PlaylistState, skippedBy } from './playlist-states.ts'
import type { Journal } from './ports.ts'
import { toBytes, toText } from './records.ts'
import { readChunks } from './sealed-list.ts'
import { isSegmentUri } from './uri.ts'

/** An upload that was read: its own tags apart from what follows, both in the encoder's words. */
export interface ReadUpload extends ReadPlaylist {
  readonly head: string
  readonly tail: string
  /** The sealed part that it follows; undefined when it was read from its first entry on. */
  readonly continues: SealedPart | undefined
  readonly error?: undefined
}

/** An upload that is refused. */
export interface RefusedUpload {
  readonly error: ReceiverError
  readonly findings: readonly Finding[]
}

/** Reads and checks an upload, `isWhole`: from its first entry on; undefined when the list that it continues was replaced meanwhile. */
export function readUpload(
  journal: Journal,
  state: PlaylistState,
  upload: PlaylistUpload,
  isWhole: boolean,
): ReadUpload | RefusedUpload | undefined {
  const now = state.record?.kind === 'media' ? state.record.sealed : undefined
  const { continues } = upload
  if (continues === undefined) return read(upload.text, toText(upload.text), undefined)
  // What was replaced a moment ago is still there.
  if (continues.list !== now?.list && continues.list !== state.record?.garbage?.list) return undefined
  const head = toText(upload.text.subarray(0, upload.headBytes))
  const tail = toText(upload.text.subarray(upload.headBytes))
  if (!isWhole && continues.list === now?.list && upload.chunks === endOf(now).chunks)
    return read(upload.text, head + tail, now, head)
  const raw = [...readChunks(journal, state, { list: continues.list, chunks: upload.chunks }, 'raw')]
    .map(toText)
    .join('')
  const whole = head + raw + tail
  return read(toBytes(whole), whole, undefined)
}

function read(
  bytes: Uint8Array,
  text: string,
  continues: SealedPart | undefined,
  knownHead = '',
): ReadUpload | RefusedUpload {
  let findings: readonly Finding[] = []
  try {
    const playlist = readPlaylist(readLines(bytes), skippedBy(continues, knownHead))
    findings = inWholeList(playlist.findings, playlist.scanned, continues)
    assertGood({ scanned: playlist.scanned, findings }, isSegmentUri)
    return { ...playlist, findings, ...partsOf(text, playlist.scanned), continues }
  } catch (error) {
    return { error: asReceiverError(error), findings }
  }
}

/** Reads and checks a playlist that nobody uploads; `isAllowed` tells where its URIs may lead. Throws `playlist-invalid`. */
export function readWhole(bytes: Uint8Array, isAllowed: (uri: string) => boolean): ReadUpload {
  const playlist = readPlaylist(readLines(bytes))
  assertGood(playlist, isAllowed)
  return { ...playlist, ...partsOf(toText(bytes), playlist.scanned), continues: undefined }
}

function partsOf(text: string, { bodyLine }: ScannedPlaylist): { readonly head: string; readonly tail: string } {
  const headEnd = startOfLine(text, bodyLine)
  return { head: text.slice(0, headEnd), tail: text.slice(headEnd) }
}

/** Findings with the line numbers of the whole list. */
function inWholeList(
  findings: readonly Finding[],
  { bodyLine }: ScannedPlaylist,
  continues: SealedPart | undefined,
): readonly Finding[] {
  if (continues === undefined) return findings
  return findings.map((finding) =>
    finding.line <= bodyLine ? finding : { ...finding, line: finding.line + continues.lines },
  )
}

/** Throws `playlist-invalid` for a playlist that has an error, or leads where it may not. */
export function assertGood(
  { scanned, findings }: Pick<ReadPlaylist, 'scanned' | 'findings'>,
  isAllowed: (uri: string) => boolean,
): void {
  assertNoErrors(findings)
  assertUris(scanned, isAllowed)
}

function assertNoErrors(findings: readonly Finding[]): void {
  const errors = findings.filter(({ severity }) => severity === 'error')
  const [first] = errors
  if (first === undefined) return
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : ''
  throw new ReceiverError(
    'playlist-invalid',
    `Line ${first.line}: ${first.code} (RFC 8216bis ${first.section})${more}.`,
  )
}

/** A segment, a map or a variant comes over HTTP, and from here. */
function assertUris({ uris }: ScannedPlaylist, isAllowed: (uri: string) => boolean): void {
  const bad = uris.find(({ role, uri }) => role !== 'other' && role !== 'key' && !isAllowed(uri))
  if (bad === undefined) return
  const detail = `Line ${bad.line + 1} has a URI of another scheme, or one that leaves its folder.`
  throw new ReceiverError('playlist-invalid', detail)
}

function startOfLine(text: string, line: number): number {
  let at = 0
  for (let index = 0; index < line; index++) at = text.indexOf('\n', at) + 1
  return at
}
