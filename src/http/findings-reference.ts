import { FINDINGS } from '../core/playlist/findings.ts'

/** What becomes of a stream without a multivariant playlist: `src/core/variants`. */
const MADE_VARIANTS = [
  '## Multivariant playlists that are made',
  '',
  'Ant Media Server calls the multivariant playlist of a stream `STREAM_adaptive.m3u8`. Where the encoder sends one, that is',
  'served as soon as it can be. Where it sends none, `/:app/streams/[FOLDER/]STREAM_adaptive.m3u8` is made of the media playlists',
  'that are served:',
  '',
  '- `STREAM.m3u8` and all `STREAM_HEIGHTp.m3u8`, `STREAM_HEIGHTpBITRATEkbps.m3u8` and `STREAM_BITRATEkbps.m3u8` of that folder;',
  '  where it has none, those of the folders below, unless two of them have one of the same name. One is enough,',
  '  and 32 are the most.',
  '- None that came with the key of another stream. Below `x/`, what the key `x` has sent goes before what the key of the stream',
  '  has; what came with a key of the whole app belongs to either.',
  '- While one of them goes on, none that had nothing new for a minute (or three target durations): the encoder has other',
  '  renditions by now. When all have ended, those that began or ended within a minute of the last one.',
  '- With `STALE_PLAYLISTS=gone`, none that is stale.',
  '',
  'What a variant says:',
  '',
  '- `BANDWIDTH`: the peak segment bit rate (RFC 8216bis section 4.4.6.2) of the entries that are served. It does not go down',
  '  while the encoder goes on, unless the receiver starts again.',
  '- `AVERAGE-BANDWIDTH`: all bytes of these entries in all their seconds, without holes.',
  '- `CODECS`: read from the first segment of MPEG-TS or packed audio, or from the init section, once for each life of the',
  '  encoder: H.264, H.265, AV1, VP9; AAC, MPEG audio, AC-3, E-AC-3, Opus, FLAC. Left out where one of them is not known.',
  '- `RESOLUTION` and `FRAME-RATE`: read from the same, and from the first fragment. Left out where they do not tell.',
  '',
  'Of encrypted segments nothing is read. The variant of the least `BANDWIDTH` is the first, of those with a `RESOLUTION` if there',
  'are any. `?playlist=vod` and `?playlist=event` lead to the recordings of the variants, `?start=&end=` to clips of those that',
  'have something of that time; `?playlist=runs` lists the runs, and each run has its own by its date-time name.',
  '',
  'Where there is more than one rendition, the playlist is also in the store, beside them: with the variants that are there, and',
  'written anew when one comes or has been gone for 10 s, another attribute changes, or a bit rate has drifted by a tenth. None',
  'is written once the encoder has sent its own.',
]

/** The text of docs/playlists.md. */
export function findingsReference(): string {
  const rows = Object.entries(FINDINGS)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, { severity, section, text }]) => `| \`${code}\` | ${severity} | ${section} | ${text} |`)
  return [
    '# Playlists',
    '',
    'Made from `src/core/playlist/findings.ts` and `src/http/findings-reference.ts` by `npm run docs`.',
    '',
    '## What is checked in a playlist',
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
    ...MADE_VARIANTS,
    '',
  ].join('\n')
}
