import { FINDINGS } from '../core/playlist/findings.ts'

/** The text of docs/playlists.md. */
export function findingsReference(): string {
  const rows = Object.entries(FINDINGS)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, { severity, section, text }]) => `| \`${code}\` | ${severity} | ${section} | ${text} |`)
  return [
    '# What is checked in a playlist',
    '',
    'Made from `src/core/playlist/findings.ts` by `npm run docs`.',
    '',
    'Every uploaded playlist is held against RFC 8216bis. One with an error is answered 422 `playlist-invalid` and kept aside;',
    'the last good one stays served. One with warnings is accepted; the log shows each warning of a playlist once. Refused too',
    'is what is no text of lines: not UTF-8, without `#EXTM3U` on the first line, cut in its last line, with lines over 8 KiB,',
    'with segment URIs of another scheme or that leave their folder, or made to break the software that reads it.',
    '',
    '| code | severity | section | meaning |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}
