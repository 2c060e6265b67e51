import { baseName, folderOf } from '../upload-path.ts'

const ORDINAL_DIGITS = 6
const PART = /^\.(.+\.m3u8)\.part-(\d+)\.m3u8$/is

/** Beside a playlist, what receivers that share it write about it; no encoder and no player can name a file with a dot in front. */
function beside(name: string, kind: string): string {
  return `${folderOf(name)}.${baseName(name)}.${kind}-`
}

/** What the claims of a playlist's numbers begin with. */
export function claimPrefix(name: string): string {
  return beside(name, 'claim')
}

/** The claim of this ordinal. */
export function claimName(name: string, ordinal: number): string {
  return claimPrefix(name) + padded(ordinal)
}

/** What the recordings of a playlist begin with, as each receiver has its part. */
export function partPrefix(name: string): string {
  return beside(name, 'part')
}

/** What was recorded of a playlist in the term that began with the claim of this ordinal. */
export function partName(name: string, ordinal: number): string {
  return `${partPrefix(name)}${padded(ordinal)}.m3u8`
}

/** The playlist that a part is of, and its ordinal; undefined of other names. */
export function partOf(name: string): { readonly of: string; readonly ordinal: number } | undefined {
  const [, base, ordinal] = PART.exec(baseName(name)) ?? []
  return base === undefined ? undefined : { of: folderOf(name) + base, ordinal: Number(ordinal) }
}

/** The ordinal at the end of a claim's key. */
export function ordinalOf(key: string): number {
  return Number(key.slice(-ORDINAL_DIGITS))
}

function padded(ordinal: number): string {
  return String(ordinal).padStart(ORDINAL_DIGITS, '0')
}
