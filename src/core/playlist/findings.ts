/** An error is something that no player can use, or that cannot be served truthfully; the rest are warnings. */
export type FindingSeverity = 'error' | 'warning'

interface FindingEntry {
  readonly severity: FindingSeverity
  /** Section of RFC 8216bis (draft-pantos-hls-rfc8216bis). */
  readonly section: string
  /** One sentence for people. */
  readonly text: string
}

const error = (section: string, text: string): FindingEntry => ({ severity: 'error', section, text })
const warning = (section: string, text: string): FindingEntry => ({ severity: 'warning', section, text })

/** Everything the playlist check can find: stable code → severity, section of RFC 8216bis, text. */
export const FINDINGS = {
  'attribute-list-malformed': error('4.2', 'An attribute list is not NAME=value,NAME="value" and so on.'),
  'attribute-repeated': warning('4.2', 'An attribute stands twice in one list.'),
  'bandwidth-missing': warning('4.4.6.2', 'A variant has no BANDWIDTH, or one that is no whole number.'),
  'bitrate-invalid': warning('4.4.4.8', 'EXT-X-BITRATE is no whole number.'),
  'byterange-invalid': error('4.4.4.2', 'EXT-X-BYTERANGE is not LENGTH or LENGTH@OFFSET.'),
  'byterange-offset-missing': error('4.4.4.2', 'A byte range has no offset and does not follow one of the same URI.'),
  'closed-captions-instream-id-missing': warning('4.4.6.1', 'Closed captions have no INSTREAM-ID.'),
  'closed-captions-uri': warning('4.4.6.1', 'Closed captions have a URI, although they stand in the video.'),
  'date-range-incomplete': warning('4.4.5.1', 'A date range has no ID or no START-DATE.'),
  'date-time-invalid': warning('4.4.4.6', 'EXT-X-PROGRAM-DATE-TIME is no date and time of ISO 8601.'),
  'discontinuity-sequence-invalid': error('4.4.3.3', 'EXT-X-DISCONTINUITY-SEQUENCE is no whole number.'),
  'discontinuity-sequence-late': warning(
    '4.4.3.3',
    'EXT-X-DISCONTINUITY-SEQUENCE stands behind the first segment or discontinuity.',
  ),
  'endlist-early': warning('4.4.3.4', 'Segments follow EXT-X-ENDLIST.'),
  'extinf-invalid': error('4.4.4.1', 'EXTINF is no duration in seconds.'),
  'extinf-missing': error('4.4.4.1', 'A segment has no EXTINF.'),
  'extinf-repeated': warning('4.4.4.1', 'A segment has two EXTINF.'),
  'group-undefined': warning('4.4.6.2', 'A variant names a group that no EXT-X-MEDIA of that type belongs to.'),
  'i-frame-uri-missing': error('4.4.6.3', 'EXT-X-I-FRAME-STREAM-INF has no URI.'),
  'key-iv-invalid': error('4.4.4.4', 'The IV of a key is not 0x and up to 32 hexadecimal digits.'),
  'key-iv-short': warning('4.4.4.4', 'The IV of a key has less than 128 bits.'),
  'key-method-missing': error('4.4.4.4', 'A key has no METHOD.'),
  'key-method-unknown': warning('4.4.4.4', 'The METHOD of a key is none that the specification knows.'),
  'key-none-attributes': warning('4.4.4.4', 'A key with METHOD=NONE has other attributes.'),
  'key-uri-missing': error('4.4.4.4', 'A key has no URI.'),
  'map-byterange-invalid': error('4.4.4.5', 'The BYTERANGE of EXT-X-MAP is not LENGTH or LENGTH@OFFSET.'),
  'map-uri-missing': error('4.4.4.5', 'EXT-X-MAP has no URI.'),
  'media-default-not-selected': warning('4.4.6.1', 'A rendition has DEFAULT=YES, but AUTOSELECT=NO.'),
  'media-default-repeated': warning('4.4.6.1.1', 'A group has more than one rendition with DEFAULT=YES.'),
  'media-forced-misplaced': warning('4.4.6.1', 'A rendition that is no subtitles has FORCED.'),
  'media-incomplete': error('4.4.6.1', 'EXT-X-MEDIA has no TYPE, GROUP-ID or NAME.'),
  'media-name-repeated': warning('4.4.6.1.1', 'Two renditions of a group have the same NAME.'),
  'media-sequence-invalid': error('4.4.3.2', 'EXT-X-MEDIA-SEQUENCE is no whole number below 2^53.'),
  'media-sequence-late': error('4.4.3.2', 'EXT-X-MEDIA-SEQUENCE stands behind the first segment.'),
  'media-sequence-repeated': error('4.4.3.2', 'EXT-X-MEDIA-SEQUENCE stands there twice.'),
  'media-type-unknown': error('4.4.6.1', 'The TYPE of EXT-X-MEDIA is none that the specification knows.'),
  'part-byterange-invalid': warning('4.4.4.9', 'The BYTERANGE of EXT-X-PART is not LENGTH or LENGTH@OFFSET.'),
  'part-hold-back-low': warning('4.4.3.8', 'PART-HOLD-BACK is less than twice PART-TARGET.'),
  'part-hold-back-missing': warning('4.4.3.8', 'There are parts, but EXT-X-SERVER-CONTROL has no PART-HOLD-BACK.'),
  'part-incomplete': error('4.4.4.9', 'EXT-X-PART has no URI, or no DURATION in seconds.'),
  'part-inf-missing': warning('4.4.3.7', 'There are parts, but no EXT-X-PART-INF with a PART-TARGET.'),
  'part-too-long': warning('4.4.4.9', 'A part is longer than PART-TARGET.'),
  'playlist-delta': error('4.4.5.2', 'A playlist delta update does not hold what it skips.'),
  'playlist-kinds-mixed': error('4.1', 'Tags of media and of multivariant playlists stand in one playlist.'),
  'playlist-type-unknown': warning('4.4.3.5', 'EXT-X-PLAYLIST-TYPE is neither EVENT nor VOD.'),
  'preload-hint-incomplete': warning('4.4.5.3', 'EXT-X-PRELOAD-HINT has no URI, or a TYPE other than PART and MAP.'),
  'readings-differ': error('4.1', 'Two readers of the playlist do not find the same segments in it.'),
  'session-data-id-missing': warning('4.4.6.4', 'EXT-X-SESSION-DATA has no DATA-ID.'),
  'session-key-none': warning('4.4.6.5', 'EXT-X-SESSION-KEY has METHOD=NONE.'),
  'session-tag-misplaced': warning(
    '4.4.6',
    'EXT-X-SESSION-DATA, EXT-X-SESSION-KEY or EXT-X-CONTENT-STEERING is in a media playlist.',
  ),
  'start-offset-missing': warning('4.4.2.2', 'EXT-X-START has no TIME-OFFSET, or one that is no number of seconds.'),
  'stream-inf-missing': warning('4.4.6.2', 'A URI of a multivariant playlist has no EXT-X-STREAM-INF.'),
  'stream-inf-uri-missing': error('4.4.6.2', 'EXT-X-STREAM-INF is not followed by a URI.'),
  'subtitles-uri-missing': error('4.4.6.1', 'Subtitles have no URI.'),
  'tag-dangling': warning('4.4.4', 'A tag of a segment has no segment behind it.'),
  'tag-repeated': warning('4.4', 'A tag of the whole playlist stands there twice.'),
  'target-duration-exceeded': warning('4.4.3.1', 'A segment, rounded, is longer than the target duration.'),
  'target-duration-invalid': error('4.4.3.1', 'EXT-X-TARGETDURATION is no number.'),
  'target-duration-missing': error('4.4.3.1', 'There is no EXT-X-TARGETDURATION.'),
  'target-duration-not-whole': warning('4.4.3.1', 'EXT-X-TARGETDURATION is 0, or no whole number.'),
  'uri-not-quoted': warning('4.2', 'A URI is not in quotation marks.'),
  'variable-in-uri': error(
    '4.3',
    'A URI of a segment or playlist holds a variable, so it names no file that was sent.',
  ),
  'variants-missing': error('4.4.6.2', 'A multivariant playlist has no variant.'),
  'version-invalid': warning('4.4.1.2', 'EXT-X-VERSION is no whole number above 0.'),
  'version-too-low': warning('8', 'The playlist uses what its EXT-X-VERSION does not have.'),
} as const satisfies Record<string, FindingEntry>

/** A stable code of the playlist check. */
export type FindingCode = keyof typeof FINDINGS

/** Something in a playlist that is not as RFC 8216bis has it. */
export interface Finding {
  readonly code: FindingCode
  /** Line in the playlist, counted from 1; 1 for what is missing. */
  readonly line: number
  readonly severity: FindingSeverity
  /** Section of RFC 8216bis. */
  readonly section: string
}
