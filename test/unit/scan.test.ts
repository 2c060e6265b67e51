import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_PLAYLIST_BYTES, MAX_PLAYLIST_LINE_BYTES, MAX_PLAYLIST_LINES } from '../../src/core/limits.ts'
import { readLines, type ScannedPlaylist, scanLines } from '../../src/core/playlist/scan.ts'
import { codeOf } from '../support/code-of.ts'
import { playlistFixtures } from '../support/playlist-fixtures.ts'

/** Far more than one pass takes, far less than a quadratic one. */
const LINEAR_MS = 10_000
const REPLACEMENT = 'other%20name.ts'
const bytesOf = (text: string) => new TextEncoder().encode(text)
const scanText = (text: string): ScannedPlaylist => scanLines(readLines(bytesOf(text)))

/** Each URI stands where its site says: put another there, and the playlist scans as before but for that one. */
function expectSites(scanned: ScannedPlaylist): void {
  for (const [index, { line, start, end, uri }] of scanned.uris.entries()) {
    const text = scanned.lines[line] ?? ''
    expect(text.slice(start, end)).toBe(uri)
    const replaced = scanned.lines.with(line, text.slice(0, start) + REPLACEMENT + text.slice(end))
    const again = scanLines(replaced).uris.map((other) => other.uri)
    expect(again).toEqual(scanned.uris.map((other) => other.uri).with(index, REPLACEMENT))
  }
}

/** What a plain look at the text finds, without the scanner. */
function expectedUris(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    if (line !== '' && !line.startsWith('#')) return [line]
    return /^#EXT-X-(?:MAP|KEY|SESSION-KEY|MEDIA|I-FRAME-STREAM-INF):/.test(line)
      ? [...line.matchAll(/URI="([^"]*)"/g)].map((match) => match[1] ?? '')
      : []
  })
}

describe('what real encoders wrote', () => {
  test.each(playlistFixtures())('$name scans, nothing lost', ({ bytes }) => {
    const text = new TextDecoder().decode(bytes)
    const scanned = scanLines(readLines(bytes))
    expect(`${scanned.lines.join('\n')}\n`).toBe(text)
    expect(scanned.uris.map((site) => site.uri).sort()).toEqual(expectedUris(text).sort())
    expect(scanned.entries).toHaveLength(scanned.kind === 'media' ? (text.match(/^#EXTINF/gm) ?? []).length : 0)
    for (const [index, { number, firstLine, uriLine, uri }] of scanned.entries.entries()) {
      expect(number).toBe(scanned.mediaSequence + index)
      expect(firstLine).toBe(index === 0 ? scanned.bodyLine : (scanned.entries[index - 1]?.uriLine ?? 0) + 1)
      expect(scanned.lines[uriLine]?.trim()).toBe(uri)
    }
    expectSites(scanned)
  })
})

describe('what is no playlist is refused, and the last good one stays', () => {
  const good = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na.ts\n'

  test.each<[string, Uint8Array]>([
    ['nothing at all', new Uint8Array(0)],
    ['no #EXTM3U', bytesOf('#EXTINF:2,\na.ts\n')],
    ['#EXTM3U on the second line', bytesOf(`\n${good}`)],
    ['#EXTM3U with more behind it', bytesOf(good.replace('#EXTM3U', '#EXTM3U8'))],
    ['a byte order mark', bytesOf(`\ufeff${good}`)],
    ['HTML', bytesOf('<!doctype html>\n<html></html>\n')],
    ['JSON', bytesOf('{"error":"not found"}\n')],
    ['a transport stream', new Uint8Array(188 * 4).fill(0x47)],
    ['UTF-16', new Uint8Array([...good].flatMap((char) => [char.charCodeAt(0), 0]))],
    ['invalid UTF-8', new Uint8Array([...bytesOf(good), 0x23, 0xff, 0xfe, 0x0a])],
    ['half a UTF-8 letter at the end', new Uint8Array([...bytesOf(good), 0xc3])],
    ['a last line cut in its URI', bytesOf(good.slice(0, -2))],
    ['a last line without its end', bytesOf(good.slice(0, -1))],
    ['only carriage returns', bytesOf(good.replaceAll('\n', '\r'))],
    ['a line of 16 MiB', bytesOf(`#EXTM3U\n${'a'.repeat(16 * 1024 * 1024)}\n`)],
    ['a line one byte too long', bytesOf(`#EXTM3U\n${'a'.repeat(MAX_PLAYLIST_LINE_BYTES + 1)}\n`)],
    ['a line too long in bytes, not in letters', bytesOf(`#EXTM3U\n${'é'.repeat(MAX_PLAYLIST_LINE_BYTES / 2 + 1)}\n`)],
    ['a line too many', bytesOf(`#EXTM3U\n${'\n'.repeat(MAX_PLAYLIST_LINES)}`)],
  ])('%s', (_what, bytes) => {
    expect(codeOf(() => readLines(bytes))).toBe('playlist-invalid')
  })

  test('the longest line and the longest list are taken', () => {
    for (const letters of ['a'.repeat(MAX_PLAYLIST_LINE_BYTES), 'é'.repeat(MAX_PLAYLIST_LINE_BYTES / 2)]) {
      expect(scanText(`#EXTM3U\n#EXTINF:2,\n${letters}\n`).uris[0]?.uri).toBe(letters)
    }
    expect(readLines(bytesOf(`#EXTM3U\n${'\n'.repeat(MAX_PLAYLIST_LINES - 1)}`))).toHaveLength(MAX_PLAYLIST_LINES)
  })

  test('each body that is cut short is refused, or ends where a line ends', () => {
    const bytes = bytesOf(good)
    for (let size = 0; size < bytes.length; size++) {
      const cut = bytes.subarray(0, size)
      expect(codeOf(() => readLines(cut))).toBe(bytes[size - 1] === 0x0a ? undefined : 'playlist-invalid')
    }
  })
})

describe('the parts of a playlist', () => {
  test('segments with what stands above them', () => {
    const scanned = scanText(
      [
        '#EXTM3U',
        '#EXT-X-MEDIA-SEQUENCE:41',
        '#EXT-X-KEY:METHOD=AES-128,URI="k.key",IV=0x01',
        '#EXT-X-MAP:URI="init.mp4",BYTERANGE="700@0"',
        '#EXTINF:2.0,a title',
        '#EXT-X-PROGRAM-DATE-TIME:2026-11-22T19:31:27.046+0000',
        'a.m4s',
        '',
        '# a comment',
        '#EXT-X-DISCONTINUITY',
        '#EXT-X-GAP',
        '#EXTINF:2.5,',
        '#EXT-X-BYTERANGE:10@5',
        'b.m4s',
        '#EXT-X-ENDLIST',
        '',
      ].join('\n'),
    )
    expect(scanned).toMatchObject({ kind: 'media', mediaSequence: 41, bodyLine: 2, hasEndlist: true })
    expect(scanned.uris.map(({ role, uri, entry, range }) => [role, uri, entry, range])).toEqual([
      ['key', 'k.key', 0, undefined],
      ['map', 'init.mp4', 0, { start: 0, end: 700 }],
      ['segment', 'a.m4s', 0, undefined],
      ['segment', 'b.m4s', 1, { start: 5, end: 15 }],
    ])
    expect(scanned.entries).toEqual([
      {
        number: 41,
        uri: 'a.m4s',
        firstLine: 2,
        uriLine: 6,
        identity: '2.0  a.m4s',
        range: undefined,
        dateTime: '2026-11-22T19:31:27.046+0000',
        isDiscontinuity: false,
        isGap: false,
      },
      {
        number: 42,
        uri: 'b.m4s',
        firstLine: 7,
        uriLine: 13,
        identity: '2.5 5-15 b.m4s',
        range: { start: 5, end: 15 },
        dateTime: undefined,
        isDiscontinuity: true,
        isGap: true,
      },
    ])
  })

  test('a multivariant playlist names playlists and has no entries', () => {
    const scanned = scanText(
      [
        '#EXTM3U',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="audio.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=1',
        'video.m3u8',
        '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="iframes.m3u8"',
        '',
      ].join('\n'),
    )
    expect(scanned).toMatchObject({ kind: 'multivariant', entries: [] })
    expect(scanned.uris.map(({ role, uri, entry }) => [role, uri, entry])).toEqual([
      ['playlist', 'audio.m3u8', -1],
      ['playlist', 'video.m3u8', -1],
      ['playlist', 'iframes.m3u8', -1],
    ])
  })

  test('keys without a URI are left alone; URIs in tags that nobody knows are seen', () => {
    const scanned = scanText(
      '#EXTM3U\n#EXT-X-KEY:METHOD=NONE\n#EXT-X-START:TIME-OFFSET=0,URI="x"\n#EXTINF:1,\n \na.ts\n',
    )
    expect(scanned.uris.map(({ role, uri }) => [role, uri])).toEqual([
      ['other', 'x'],
      ['segment', 'a.ts'],
    ])
  })

  test.each([
    ['', 0],
    ['#EXT-X-MEDIA-SEQUENCE:7\n', 7],
    ['#EXT-X-MEDIA-SEQUENCE:1795373536123456\n', 1795373536123456],
    ['#EXT-X-MEDIA-SEQUENCE:-7\n', 0],
    ['#EXT-X-MEDIA-SEQUENCE:x\n', 0],
    ['#EXT-X-MEDIA-SEQUENCE:1e99\n', 0],
  ])('the media sequence number of %j is %d', (line, number) => {
    expect(scanText(`#EXTM3U\n${line}`).mediaSequence).toBe(number)
  })

  test('line ends of Windows are read', () => {
    expect(readLines(bytesOf('#EXTM3U\r\n#EXTINF:2,\r\na.ts\r\n'))).toEqual(['#EXTM3U', '#EXTINF:2,', 'a.ts'])
  })
})

describe('any text', () => {
  const tags = ['#EXTM3U', '#EXTINF:2,', '#EXTINF', '#EXT-X-ENDLIST', '#EXT-X-STREAM-INF:', '#EXT-X-MEDIA-SEQUENCE:3']
  const lists = ['KEY:METHOD=AES-128,URI="k"', 'MAP:URI=""', 'MAP:URI="', 'MEDIA:URI="x",URI="y"', 'BYTERANGE:1@2']
  const line = fc.oneof(
    fc.constantFrom('', '#', ' ', 'a.ts', '../x', ...tags, ...lists.map((list) => `#EXT-X-${list}`)),
    fc.string({ unit: 'binary', maxLength: 30 }),
  )

  test('scans, and each URI stands where it is said to', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const typed = `#EXTM3U\n${lines.join('\n')}\n`.replaceAll('\r', '')
        const text = new TextDecoder().decode(bytesOf(typed))
        const scanned = scanText(text)
        expect(`${scanned.lines.join('\n')}\n`).toBe(text)
        expectSites(scanned)
      }),
      { numRuns: 1_000 },
    )
  })

  test('any bytes scan or are refused as playlist-invalid', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect([undefined, 'playlist-invalid']).toContain(codeOf(() => scanLines(readLines(bytes))))
        const behind = new Uint8Array([...bytesOf('#EXTM3U\n'), ...bytes, 0x0a])
        expect([undefined, 'playlist-invalid']).toContain(codeOf(() => scanLines(readLines(behind))))
      }),
      { numRuns: 2_000 },
    )
  })

  test.each(['#EXTINF:2,\n', 'a\n', '#EXT-X-MAP:URI="\n', '\n', `#EXT-X-MAP:${':URI='.repeat(1_500)}\n`])(
    'P6: as many lines as may be, each %j, cost linear time',
    (piece) => {
      const most = Math.min(MAX_PLAYLIST_LINES - 1, Math.floor(MAX_PLAYLIST_BYTES / piece.length))
      const bytes = bytesOf(`#EXTM3U\n${piece.repeat(most)}`)
      const began = performance.now()
      scanLines(readLines(bytes))
      expect(performance.now() - began).toBeLessThan(LINEAR_MS)
    },
  )
})
