const WINDOW = 15
/** Comment lines that bring a playlist over the size up to which bodies live in the journal. */
const PADDING = `# ${'-'.repeat(98)}\n`.repeat(800)

/** A live playlist of the newest segments, with a comment that no other has. */
export function playlistText(segments: readonly string[], comment: string, isLong: boolean): Uint8Array {
  const first = Math.max(0, segments.length - WINDOW)
  const entries = segments.slice(first).map((name) => `#EXTINF:2.000000,\n${name}\n`)
  const head = `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:${first}\n# ${comment}\n`
  return Buffer.from(head + entries.join('') + (isLong ? PADDING : ''))
}
