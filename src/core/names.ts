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

const DATE_TIME = /^(.+?)-(\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2}(?:\.\d{3})?)(?=_|\d*$)(.*)$/s
const RENDITION = /^(.*?)_(?:([1-9]\d{0,4})p(?:([1-9]\d{0,6})kbps)?|([1-9]\d{0,6})kbps)(\d*)$/s
const INIT = /^(.+?)(?:_(\d{13}))?_init$/s
/** Width of AMS's own numbers. */
const AMS_DIGITS = 9
const PADDED_WIDTHS = [AMS_DIGITS, 4]

/** Reads a file name. Total and linear: a name outside the grammar is a stream id with an extension. */
export function parseName(name: string): NameParts {
  const extension = extensionOf(name)
  const stem = stemOf(name)
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
  const [, stream = '', dateTime = '', rest = ''] = DATE_TIME.exec(stem) ?? []
  if (dateTime !== '') {
    const { head, ...tail } = splitTail(rest, numbered)
    if (head === '') return { stream, dateTime, ...tail }
  }
  const { head, ...tail } = splitTail(stem, numbered)
  return head === '' ? { stream: stem } : { stream: head, ...tail }
}

interface Tail {
  /** What stands before; may be empty. */
  readonly head: string
  readonly height?: number
  readonly bitrate?: number
  readonly number?: string
}

function splitTail(text: string, numbered: boolean): Tail {
  const [whole, head = '', height, bitrate, bitrateAlone, digits = ''] = RENDITION.exec(text) ?? []
  if (whole === undefined || (digits !== '' && !numbered)) return numbered ? splitNumber(text) : { head: text }
  const kbps = bitrate ?? bitrateAlone
  return {
    head,
    ...(height === undefined ? {} : { height: Number(height) }),
    ...(kbps === undefined ? {} : { bitrate: Number(kbps) }),
    ...(digits === '' ? {} : { number: digits }),
  }
}

/**
 * Cuts the number off: nine digits (AMS, `%09d`), else four with a leading zero (AMS's manual), else all digits. Which
 * digits belong to the stream id cannot be told by the name alone (`cam12` + `000000001`); the playlist decides.
 */
function splitNumber(text: string): Tail {
  const digits = trailingDigits(text)
  if (digits === 0) return { head: text }
  const width = PADDED_WIDTHS.find((padded) => digits >= padded && text[text.length - padded] === '0') ?? digits
  return { head: text.slice(0, text.length - width), number: text.slice(text.length - width) }
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
  const extension = parts.extension === '' ? '' : `.${parts.extension}`
  return `${parts.stream}${date}${rendition}${parts.number ?? ''}${role}${extension}`
}

/** All that may follow a stream's id: date-time or seconds since the epoch (strftime), rendition, number, role. */
const AFTER_STREAM =
  /^(?:-\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2}(?:\.\d{3})?|-?\d{10}-?)?(?:_(?:[1-9]\d{0,6}(?:p|kbps)){1,2})?(\d*)(?:(?:_\d{13})?_init|_adaptive)?$/

/**
 * Whether a file of this name can belong to the stream: by the grammar, with every way to read it. A number of nine
 * digits (`%09d`) has one way only.
 */
export function mayBelongTo(name: string, stream: string): boolean {
  const kind = fileKind(name)
  // libavformat names a key that it makes itself after the playlist: `stream1.m3u8.key`.
  const stem = kind === 'key' ? stemOf(name).replace(/\.m3u8$/, '') : stemOf(name)
  if (stream === '' || !stem.startsWith(stream)) return false
  const number = AFTER_STREAM.exec(stem.slice(stream.length))?.[1]
  if (number === undefined) return false
  if (kind !== 'segment' || stem === stream) return number === ''
  const isPadded = trailingDigits(stem) >= AMS_DIGITS && stem[stem.length - AMS_DIGITS] === '0'
  return !isPadded || number.length === AMS_DIGITS
}

/** A name without its extension. */
export function stemOf(name: string): string {
  const extension = extensionOf(name)
  return extension === '' ? name : name.slice(0, -extension.length - 1)
}

/** The same name with `_1`, `_2` … before its extension, as AMS resolves collisions. */
export function withSuffix(name: string, suffix: number): string {
  const stem = stemOf(name)
  return `${stem}_${suffix}${name.slice(stem.length)}`
}
