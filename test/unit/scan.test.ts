import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_PLAYLIST_BYTES, MAX_PLAYLIST_LINE_BYTES, MAX_PLAYLIST_LINES } from '../../src/core/limits.ts'
import { renderPlaylist } from '../../src/core/playlist/render.ts'
import { type ScannedPlaylist, scanPlaylist } from '../../src/core/playlist/scan.ts'
import { codeOf } from '../support/code-of.ts'
import { playlistFixtures } from '../support/playlist-fixtures.ts'

/** Far more than one pass takes, far less than a quadratic one. */
const LINEAR_MS = 2_000
const MIN_FIXTURES = 200
const REPLACEMENT = 'other%20name.ts'
const fixtures = playlistFixtures()

const scanText = (text: string): ScannedPlaylist => scanPlaylist(new TextEncoder().encode(text))

/** Replaces one URI after the other; all else must stay, and what is rendered must scan as a playlist again. */
function expectOneChange(text: string, scanned: ScannedPlaylist): void {
  const lines = text.split('\n')
  for (const [index, site] of scanned.uris.entries()) {
    const replacements = scanned.uris.map((_, at) => (at === index ? REPLACEMENT : undefined))
    const rendered = renderPlaylist(scanned, replacements)
    const line = lines[site.line] ?? ''
    expect(line.slice(site.start, site.end)).toBe(site.uri)
    const wanted = line.slice(0, site.start) + REPLACEMENT + line.slice(site.end)
    expect(rendered.split('\n')).toEqual(lines.with(site.line, wanted))
    const again = scanText(rendered).uris.map((other) => other.uri)
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

test('the fixtures are there', () => {
  expect(fixtures.length).toBeGreaterThanOrEqual(MIN_FIXTURES)
})

describe('what real encoders wrote', () => {
  test.each(fixtures)('$name scans, nothing lost', ({ bytes }) => {
    const text = new TextDecoder().decode(bytes)
    const scanned = scanPlaylist(bytes)
    expect(renderPlaylist(scanned, [])).toBe(text)
    expect(scanned.uris.map((site) => site.uri).sort()).toEqual(expectedUris(text).sort())
    expect(scanned.entries).toHaveLength(scanned.kind === 'media' ? (text.match(/^#EXTINF/gm) ?? []).length : 0)
    expect(scanned.entries.map((entry) => entry.sequence)).toEqual(
      scanned.entries.map((_, index) => scanned.mediaSequence + index),
    )
    expectOneChange(text, scanned)
  })
})

describe('what is no playlist is refused, and the last good one stays', () => {
  const good = '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na.ts\n'
  const bytesOf = (text: string) => new TextEncoder().encode(text)

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
  ])('%s', (_what, bytes) => {
    expect(codeOf(() => scanPlaylist(bytes))).toBe('playlist-invalid')
  })

  test('the longest line is taken', () => {
    for (const letters of ['a'.repeat(MAX_PLAYLIST_LINE_BYTES), 'é'.repeat(MAX_PLAYLIST_LINE_BYTES / 2)]) {
      expect(scanText(`#EXTM3U\n#EXTINF:2,\n${letters}\n`).uris[0]?.uri).toBe(letters)
    }
  })

  test('each body that is cut short is refused, or ends where a line ends', () => {
    const bytes = bytesOf(good)
    for (let size = 0; size < bytes.length; size++) {
      const cut = bytes.subarray(0, size)
      expect(codeOf(() => scanPlaylist(cut))).toBe(bytes[size - 1] === 0x0a ? undefined : 'playlist-invalid')
    }
  })
})

describe('the parts of a playlist', () => {
  test('segments, their init section and key, with their entries', () => {
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
        '#EXTINF:2.0,',
        'b.m4s',
        '#EXT-X-ENDLIST',
        '',
      ].join('\n'),
    )
    expect(scanned).toMatchObject({ kind: 'media', mediaSequence: 41 })
    expect(scanned.uris.map(({ role, uri, entry }) => [role, uri, entry])).toEqual([
      ['other', 'k.key', 0],
      ['map', 'init.mp4', 0],
      ['segment', 'a.m4s', 0],
      ['segment', 'b.m4s', 1],
    ])
    expect(scanned.entries).toEqual([
      { sequence: 41, text: '#EXTINF:2.0,a title\n#EXT-X-PROGRAM-DATE-TIME:2026-11-22T19:31:27.046+0000\na.m4s' },
      { sequence: 42, text: '#EXTINF:2.0,\nb.m4s' },
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
    expect(scanned.uris.map((site) => site.uri)).toEqual(['x', 'a.ts'])
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

  test('line ends of Windows are read, and written as line feeds', () => {
    const scanned = scanText('#EXTM3U\r\n#EXTINF:2,\r\na.ts\r\n')
    expect(scanned.uris[0]?.uri).toBe('a.ts')
    expect(renderPlaylist(scanned, [])).toBe('#EXTM3U\n#EXTINF:2,\na.ts\n')
  })
})

describe('any text', () => {
  const line = fc.oneof(
    fc.constantFrom(
      '',
      '#',
      '#EXTM3U',
      '#EXTINF:2,',
      '#EXTINF',
      '#EXT-X-ENDLIST',
      '#EXT-X-KEY:METHOD=AES-128,URI="k"',
      '#EXT-X-MAP:URI=""',
      '#EXT-X-MAP:URI="',
      '#EXT-X-MEDIA:URI="x",URI="y"',
      '#EXT-X-STREAM-INF:',
      '#EXT-X-MEDIA-SEQUENCE:3',
      'a.ts',
      '../x',
      ' ',
    ),
    fc.string({ unit: 'binary', maxLength: 30 }),
  )

  test('scans or is refused, and renders as it was', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const typed = `#EXTM3U\n${lines.join('\n')}\n`.replaceAll('\r', '')
        const text = new TextDecoder().decode(new TextEncoder().encode(typed))
        const scanned = scanText(text)
        expect(renderPlaylist(scanned, [])).toBe(text)
        expectOneChange(text, scanned)
      }),
      { numRuns: 1_000 },
    )
  })

  test('any bytes scan or are refused as playlist-invalid', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect([undefined, 'playlist-invalid']).toContain(codeOf(() => scanPlaylist(bytes)))
        const behind = new Uint8Array([...new TextEncoder().encode('#EXTM3U\n'), ...bytes, 0x0a])
        expect([undefined, 'playlist-invalid']).toContain(codeOf(() => scanPlaylist(behind)))
      }),
      { numRuns: 2_000 },
    )
  })

  test.each(['#EXTINF:2,\n', 'a\n', '#EXT-X-MAP:URI="\n', '\n', `#EXT-X-MAP:${':URI='.repeat(1_500)}\n`])(
    'P6: as many lines as may be, each %j, cost linear time, and one more is refused',
    (piece) => {
      const most = Math.min(MAX_PLAYLIST_LINES - 1, Math.floor(MAX_PLAYLIST_BYTES / piece.length))
      const bytes = new TextEncoder().encode(`#EXTM3U\n${piece.repeat(most)}`)
      const began = performance.now()
      scanPlaylist(bytes)
      expect(performance.now() - began).toBeLessThan(LINEAR_MS)
      const tooMany = new TextEncoder().encode(`#EXTM3U\n${'\n'.repeat(MAX_PLAYLIST_LINES)}`)
      expect(codeOf(() => scanPlaylist(tooMany))).toBe('playlist-invalid')
    },
  )
})
