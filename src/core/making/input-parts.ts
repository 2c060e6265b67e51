import { ReceiverError } from '../errors.ts'
import { JobError } from '../jobs/job.ts'
import {
  type MediaRange,
  readLines,
  type ScannedEntry,
  type ScannedPlaylist,
  scanLines,
  type UriSite,
} from '../playlist/scan.ts'
import { hasTag, tagValue } from '../playlist/tags.ts'
import { InputKeys } from './input-keys.ts'
import { inputName } from './input-name.ts'
import type { InputFile, InputPart } from './order.ts'

/** A MAP as it is written, and the key that holds for it. */
interface WrittenMap {
  readonly uri: string
  readonly range: MediaRange | undefined
  readonly key: InputFile['key']
}

/** A part whose entries are still read. */
interface OpenPart extends InputPart {
  readonly files: InputFile[]
  seconds: number
}

/**
 * What a recorded VOD playlist is made of, in parts: a new one begins at each discontinuity, and with each other MAP. A hole has no
 * file, but its seconds; a part of holes alone counts to the next one. What is long is read as texts that go on where the one before
 * ended, each with the MAP and KEY lines that hold. Throws JobError, which no other attempt mends: `input-foreign` for a URI that leads
 * elsewhere, `input-encrypted` for what only a player can decrypt, and `input-invalid` for what is no playlist.
 */
export class InputParts {
  readonly #playlist: string
  readonly #parts: OpenPart[] = []
  #keys: InputKeys
  #map: WrittenMap | undefined
  /** The next file begins a part. */
  #isBreak = true
  /** Of holes before the next part, in s. */
  #secondsBefore = 0

  constructor(playlist: string) {
    this.#playlist = playlist
    this.#keys = new InputKeys(playlist)
  }

  /** Those of the texts that were read so far; none where there is no file. */
  get parts(): readonly InputPart[] {
    return this.#parts
  }

  /** Reads the next text. */
  read(text: Uint8Array): void {
    const scanned = scannedOf(text)
    const sites = new Map(scanned.uris.map((site) => [site.line, site]))
    // All that hold are written anew.
    this.#keys = new InputKeys(this.#playlist)
    for (const [index, entry] of scanned.entries.entries()) {
      const { number, uri, range, isDiscontinuity, isGap } = entry
      if (isDiscontinuity) this.#isBreak = true
      const seconds = this.#readTags(scanned, sites, entry, index === 0)
      if (!isGap) this.#add(fileOf(inputName(this.#playlist, uri), range, this.#keys.holding(number)), seconds)
      else this.#skip(seconds)
    }
  }

  /** How long an entry plays; what its lines say of keys and maps holds on. */
  #readTags(
    { lines }: ScannedPlaylist,
    sites: ReadonlyMap<number, UriSite>,
    { firstLine, uriLine, number }: ScannedEntry,
    isFirst: boolean,
  ): number {
    let seconds = 0
    for (let at = firstLine; at < uriLine; at++) {
      const line = lines[at] ?? ''
      const site = sites.get(at)
      if (hasTag(line, '#EXTINF')) seconds = secondsOf(line)
      else if (hasTag(line, '#EXT-X-KEY')) this.#keys.add(line)
      else if (site?.role === 'map') this.#begin(site, number, isFirst)
    }
    return seconds
  }

  /** A MAP holds from an entry on; before the first one of a text it may be the one that held before. */
  #begin({ uri, range }: UriSite, number: number, isFirst: boolean): void {
    const isKnown = this.#map?.uri === uri && isSame(this.#map.range, range)
    // It is encrypted with what stood before it where it was written first.
    if (isKnown && isFirst) return
    if (!isKnown) this.#isBreak = true
    this.#map = { uri, range, key: this.#keys.holding(number) }
  }

  #add(file: InputFile, seconds: number): void {
    if (this.#isBreak) this.#parts.push({ ...this.#init(), files: [], seconds: this.#secondsBefore })
    if (this.#isBreak) this.#secondsBefore = 0
    this.#isBreak = false
    const part = this.#parts.at(-1)
    part?.files.push(file)
    if (part !== undefined) part.seconds += seconds
  }

  #skip(seconds: number): void {
    const part = this.#parts.at(-1)
    if (this.#isBreak || part === undefined) this.#secondsBefore += seconds
    else part.seconds += seconds
  }

  #init(): { readonly init?: InputFile } {
    if (this.#map === undefined) return {}
    const { uri, range, key } = this.#map
    return { init: fileOf(inputName(this.#playlist, uri), range, key) }
  }
}

function scannedOf(text: Uint8Array): ScannedPlaylist {
  try {
    return scanLines(readLines(text))
  } catch (cause) {
    if (!(cause instanceof ReceiverError)) throw cause
    throw new JobError('input-invalid', 'The recording is no playlist.', { retryable: false, cause })
  }
}

function fileOf(stored: string, range: MediaRange | undefined, key: InputFile['key']): InputFile {
  return { stored, ...(range === undefined ? {} : { range }), ...(key === undefined ? {} : { key }) }
}

function isSame(one: MediaRange | undefined, other: MediaRange | undefined): boolean {
  return one?.start === other?.start && one?.end === other?.end
}

/** EXTINF in s; 0 where it is no number. */
function secondsOf(line: string): number {
  const seconds = Number.parseFloat(tagValue(line))
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0
}
