import { extensionOf, fileKind } from './file-kind.ts'

/** The parts of a file name after AMS's grammar: `STREAM[-DATETIME][_HEIGHTp][BITRATEkbps][NUMBER].EXT` and its kin. */
export interface NameParts {
  /** The stream's id, as published. */
  readonly stream: string
  /** `yyyy-MM-dd_HH-mm-ss` with `.SSS` when AMS made it (addDateTimeToHlsFileName). */
  readonly dateTime?: string
  /** Picture lines of the rendition. */
  readonly height?: number
  /** Kilobits per second of the rendition. */
  readonly bitrate?: number
  /** The number as written: `%09d`, `%04d`, or unpadded. */
  readonly number?: string
  /** `adaptive`: AMS's multivariant playlist; `init`: a media initialization section. */
  readonly role?: 'adaptive' | 'init'
  /** Milliseconds since the epoch in `NAME_MILLIS_init.mp4`. */
  readonly initMillis?: string
  /** In lower case, without the dot. */
  readonly extension: string
}

const DATE_TIME = /^(.+?)-(\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2}(?:\.\d{3})?)(?=_|\d*$)(.*)$/
const RENDITION = /^(.*?)_(?:(\d{1,5})p(?:(\d{1,7})kbps)?|(\d{1,7})kbps)(\d*)$/
const INIT = /^(.+?)(?:_(\d{13}))?_init$/
const PADDED_WIDTHS = [9, 4]

/** Reads a file name. Total and linear: a name outside the grammar is a stream id with an extension. */
export function parseName(name: string): NameParts {
  const extension = extensionOf(name)
  const stem = extension === '' ? name : name.slice(0, -extension.length - 1)
  if (extension === 'm3u8' && stem.endsWith('_adaptive') && stem.length > '_adaptive'.length) {
    return { ...parseStem(stem.slice(0, -'_adaptive'.length), false), role: 'adaptive', extension }
  }
  const init = extension === 'mp4' ? INIT.exec(stem) : null
  if (init?.[1] !== undefined) {
    const millis = init[2] === undefined ? {} : { initMillis: init[2] }
    return { ...parseStem(init[1], false), ...millis, role: 'init', extension }
  }
  return { ...parseStem(stem, fileKind(name) === 'segment'), extension }
}

type StemParts = Omit<NameParts, 'extension' | 'role' | 'initMillis'>

/** The stem, right to left: number, rendition, date-time, stream. */
function parseStem(stem: string, numbered: boolean): StemParts {
  const dated = DATE_TIME.exec(stem)
  const rest = dated?.[3] ?? stem
  const rendition = RENDITION.exec(rest)
  const digitsOfRendition = rendition?.[5] ?? ''
  const isRendition =
    rendition !== null &&
    (numbered || digitsOfRendition === '') &&
    (dated === null ? rendition[1] !== '' : rendition[1] === '')
  const plain = isRendition ? { head: rendition[1] ?? '', number: digitsOfRendition } : splitNumber(rest, numbered)
  if (dated !== null && plain.head !== '') return datelessStem(stem, numbered)
  const height = isRendition ? rendition[2] : undefined
  const bitrate = isRendition ? (rendition[3] ?? rendition[4]) : undefined
  return {
    stream: dated?.[1] ?? plain.head,
    ...(dated?.[2] === undefined ? {} : { dateTime: dated[2] }),
    ...(height === undefined ? {} : { height: Number(height) }),
    ...(bitrate === undefined ? {} : { bitrate: Number(bitrate) }),
    ...(plain.number === '' ? {} : { number: plain.number }),
  }
}

function datelessStem(stem: string, numbered: boolean): StemParts {
  const { head, number } = splitNumber(stem, numbered)
  return { stream: head, ...(number === '' ? {} : { number }) }
}

/**
 * Cuts the number off: nine digits (AMS, `%09d`), else four with a leading zero (AMS's manual), else all digits. Which
 * digits belong to the stream id cannot be told by the name alone (`cam12` + `000000001`); the playlist decides.
 */
function splitNumber(stem: string, numbered: boolean): { head: string; number: string } {
  const digits = numbered ? trailingDigits(stem) : 0
  if (digits === 0) return { head: stem, number: '' }
  const padded = PADDED_WIDTHS.find((width) => digits > width && stem[stem.length - width] === '0')
  const wanted = padded ?? digits
  const width = wanted === stem.length ? 0 : wanted
  return { head: stem.slice(0, stem.length - width), number: stem.slice(stem.length - width) }
}

function trailingDigits(text: string): number {
  let start = text.length
  while (start > 0 && text.charCodeAt(start - 1) >= 0x30 && text.charCodeAt(start - 1) <= 0x39) start--
  return text.length - start
}

/** The name of such parts; `parseName` reads it back. */
export function formatName(parts: NameParts): string {
  const date = parts.dateTime === undefined ? '' : `-${parts.dateTime}`
  const height = parts.height === undefined ? '' : `${parts.height}p`
  const bitrate = parts.bitrate === undefined ? '' : `${parts.bitrate}kbps`
  const rendition = height + bitrate === '' ? '' : `_${height}${bitrate}`
  const millis = parts.initMillis === undefined ? '' : `_${parts.initMillis}`
  const role = parts.role === undefined ? '' : `${millis}_${parts.role}`
  return `${parts.stream}${date}${rendition}${parts.number ?? ''}${role}.${parts.extension}`
}

/** Whether a file of this name can belong to the stream: by the grammar, with every way to read its number. */
export function mayBelongTo(name: string, stream: string): boolean {
  const parts = parseName(name)
  if (parts.stream === stream) return true
  if (parts.dateTime !== undefined || parts.height !== undefined || parts.bitrate !== undefined) return false
  if (parts.number === undefined || isPadded(parts)) return false
  const stem = parts.stream + parts.number
  return stem.startsWith(stream) && trailingDigits(stem) >= stem.length - stream.length
}

function isPadded(parts: NameParts): boolean {
  return PADDED_WIDTHS.includes(parts.number?.length ?? 0) && parts.number?.startsWith('0') === true
}

/** The same name with `_1`, `_2` … before its extension, as AMS resolves collisions. */
export function withSuffix(name: string, suffix: number): string {
  const extension = extensionOf(name)
  if (extension === '') return `${name}_${suffix}`
  return `${name.slice(0, -extension.length - 1)}_${suffix}${name.slice(-extension.length - 1)}`
}
