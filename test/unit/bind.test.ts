import { describe, expect, test } from 'vitest'
import { type Binding, type Bindings, bindingsOf, bindPlaylist } from '../../src/core/playlist/bind.ts'
import { renderPlaylist } from '../../src/core/playlist/render.ts'
import { scanPlaylist } from '../../src/core/playlist/scan.ts'
import { DEFAULT_MOUNT } from '../../src/core/upload-target.ts'
import { type CatalogKit, catalogKit } from '../support/catalog-kit.ts'

interface Bound extends Binding {
  readonly text: string
  readonly bindings: Bindings
}

function mediaText(sequence: number, ...lines: readonly string[]): string {
  return ['#EXTM3U', '#EXT-X-TARGETDURATION:2', `#EXT-X-MEDIA-SEQUENCE:${sequence}`, ...lines, ''].join('\n')
}

const segments = (...names: readonly string[]) => names.flatMap((name) => ['#EXTINF:2.000000,', name])

function bind(
  kit: CatalogKit,
  text: string,
  options: { name?: string; owner?: string; before?: Bindings; published?: readonly string[] } = {},
): Bound {
  const scanned = scanPlaylist(new TextEncoder().encode(text))
  const at = { app: 'live', name: options.name ?? 'cam1.m3u8', owner: options.owner ?? '' }
  const binding = bindPlaylist(scanned, at, options.before, {
    catalog: kit.catalog,
    mounts: [DEFAULT_MOUNT],
    isPublished: (_app, name) => options.published?.includes(name) === true,
  })
  return { ...binding, text: renderPlaylist(scanned, binding.uris), bindings: bindingsOf(scanned, binding.uris) }
}

describe('P2: a playlist is whole when everything it names is here', () => {
  test('a segment that has not come is missing, by its last name part', async () => {
    const kit = catalogKit()
    await kit.place('cam10.ts', 'zero')
    const text = mediaText(0, ...segments('cam10.ts', 'sub/cam11.ts', 'https://host/live/hls-upload/cam12.ts'))
    const { missing, stored } = bind(kit, text)
    expect(missing).toEqual(['cam11.ts', 'cam12.ts'])
    expect(stored).toEqual(['cam10.ts'])
  })

  test('a plain playlist stays word for word', async () => {
    const kit = catalogKit()
    for (const name of ['cam10.ts', 'cam11.ts']) await kit.place(name, name)
    const text = mediaText(0, ...segments('cam10.ts', 'cam11.ts'), '#EXT-X-ENDLIST')
    const bound = bind(kit, text)
    expect(bound.missing).toEqual([])
    expect(bound.text).toBe(text)
  })

  test('absolute, escaped and unescaped URIs become relative ones of stored names', async () => {
    const kit = catalogKit()
    for (const name of ['show/my file é.ts', 'show/b.ts', 'c.ts']) await kit.place(name, name)
    const uris = [
      'my file é.ts',
      'my%20file%20%C3%A9.ts',
      'https://h/live/hls-upload/show/b.ts',
      '/live/k/key/hls-upload/c.ts',
    ]
    const bound = bind(kit, mediaText(0, ...segments(...uris)), { name: 'show/cam1.m3u8' })
    expect(bound.missing).toEqual([])
    expect(bound.uris).toEqual(['my%20file%20%C3%A9.ts', 'my%20file%20%C3%A9.ts', 'b.ts', '../c.ts'])
  })

  test('a basename finds the one object of that name below the playlist, and none when there are two', async () => {
    const kit = catalogKit()
    await kit.place('sub/dir/seg000.ts', 'zero')
    expect(bind(kit, mediaText(0, ...segments('seg000.ts'))).uris).toEqual(['sub/dir/seg000.ts'])
    await kit.place('other/seg000.ts', 'another')
    expect(bind(kit, mediaText(0, ...segments('seg000.ts'))).missing).toEqual(['seg000.ts'])
    expect(bind(kit, mediaText(0, ...segments('seg000.ts')), { name: 'sub/cam1.m3u8' }).uris).toEqual(['dir/seg000.ts'])
  })

  test('a variant is left waiting until its playlist is served', async () => {
    const kit = catalogKit()
    const text = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nhigh.m3u8\n'
    expect(bind(kit, text, { published: ['low.m3u8'] }).missing).toEqual(['high.m3u8'])
    const bound = bind(kit, text, { published: ['low.m3u8', 'high.m3u8'] })
    expect([bound.missing, bound.stored, bound.text]).toEqual([[], [], text])
  })

  test('what leads nowhere here is missing, and never opens a way out', async () => {
    const kit = catalogKit()
    await kit.place('a.ts', 'a')
    const text = mediaText(0, ...segments('../a.ts', 'file:///a.ts', '%2e%2e/a.ts', 'https://elsewhere/a.ts'))
    const { uris, missing } = bind(kit, text, { name: 'show/cam1.m3u8' })
    expect(uris).toEqual([undefined, undefined, undefined, undefined])
    expect(missing).toHaveLength(4)
  })
})

describe('P3: what was published under a number stays bound to its bytes', () => {
  test('a continuing entry keeps its object although its name got a newer one', async () => {
    const kit = catalogKit()
    for (const name of ['cam10.ts', 'cam11.ts']) await kit.place(name, name)
    const first = bind(kit, mediaText(0, ...segments('cam10.ts', 'cam11.ts')))
    await kit.place('cam11.ts', 'other bytes')
    await kit.place('cam12.ts', 'two')
    const next = bind(kit, mediaText(1, ...segments('cam11.ts', 'cam12.ts')), { before: first.bindings })
    expect(next.uris).toEqual(['cam11.ts', 'cam12.ts'])
    expect(next.stored).toEqual(['cam12.ts'])
  })

  test('the same name under another number, or with another duration, is bound anew', async () => {
    const kit = catalogKit()
    await kit.place('cam10.ts', 'run one')
    const first = bind(kit, mediaText(0, ...segments('cam10.ts')))
    const newer = await kit.place('cam10.ts', 'run two')
    expect(newer.stored).toBe('cam10_1.ts')
    const renumbered = bind(kit, mediaText(7, ...segments('cam10.ts')), { before: first.bindings })
    expect(renumbered.uris).toEqual(['cam10_1.ts'])
    const longer = bind(kit, mediaText(0, '#EXTINF:1.5,', 'cam10.ts'), { before: first.bindings })
    expect(longer.uris).toEqual(['cam10_1.ts'])
  })

  test('an init section is kept while the list continues, and bound anew when it does not', async () => {
    const kit = catalogKit()
    for (const name of ['init.mp4', 'cam10.m4s']) await kit.place(name, name)
    const list = (sequence: number, ...names: string[]) =>
      mediaText(sequence, '#EXT-X-MAP:URI="init.mp4"', ...segments(...names))
    const first = bind(kit, list(0, 'cam10.m4s'))
    await kit.place('init.mp4', 'the init section of run two')
    const continued = bind(kit, list(0, 'cam10.m4s'), { before: first.bindings })
    expect(continued.uris).toEqual(['init.mp4', 'cam10.m4s'])
    await kit.place('cam10.m4s', 'run two')
    const restarted = bind(kit, list(5, 'cam10.m4s'), { before: first.bindings })
    expect(restarted.uris).toEqual(['init_1.mp4', 'cam10_1.m4s'])
  })

  test('bindings read back from what was served are the same', async () => {
    const kit = catalogKit()
    for (const name of ['sub/cam10.ts', 'k.key']) await kit.place(name, name)
    const key = '#EXT-X-KEY:METHOD=AES-128,URI="https://h/live/hls-upload/k.key"'
    const text = mediaText(3, key, ...segments('cam10.ts'))
    const bound = bind(kit, text)
    const scan = (served: string) => scanPlaylist(new TextEncoder().encode(served))
    const read = bindingsOf(
      scan(text),
      scan(bound.text).uris.map((site) => site.uri),
    )
    expect(read).toEqual(bound.bindings)
    expect([...read.entries.values()].map(({ uri }) => uri)).toEqual(['sub/cam10.ts'])
    expect([...read.shared]).toEqual([['https://h/live/hls-upload/k.key', 'k.key']])
  })
})

describe('P7: apart', () => {
  test('an object of another stream key is never bound', async () => {
    const kit = catalogKit()
    await kit.place('cam10.ts', 'of cam1', 'cam1')
    const text = mediaText(0, ...segments('cam10.ts'))
    expect(bind(kit, text, { owner: 'cam2' }).missing).toEqual(['cam10.ts'])
    expect(bind(kit, text, { owner: 'cam1' }).missing).toEqual([])
    expect(bind(kit, text).missing).toEqual([])
  })

  test('no key in the path of an upload URL reaches the viewers', async () => {
    const kit = catalogKit()
    for (const name of ['cam10.ts', 'init.mp4', 'k.key']) await kit.place(name, name)
    const base = 'https://user:s3cret@host/live/k/s3cret/hls-upload'
    const text = mediaText(
      0,
      `#EXT-X-KEY:METHOD=AES-128,URI="${base}/k.key"`,
      `#EXT-X-MAP:URI="${base}/init.mp4"`,
      ...segments(`${base}/cam10.ts`),
    )
    const bound = bind(kit, text)
    expect(bound.missing).toEqual([])
    expect(bound.text).not.toContain('s3cret')
  })

  test('an upload URL of a key is waited for; a key that is served elsewhere is passed on', () => {
    const kit = catalogKit()
    const list = (uri: string) => mediaText(0, `#EXT-X-KEY:METHOD=AES-128,URI="${uri}"`)
    expect(bind(kit, list('https://h/live/k/s3cret/hls-upload/k.key')).missing).toEqual(['k.key'])
    expect(bind(kit, list('https://h/live/k/s3cret/hls-upload/%2e%2e/k.key')).missing).toEqual(['k.key'])
    for (const uri of ['https://drm.example/k.key', 'skd://abc', 'k.key']) {
      const bound = bind(kit, list(uri))
      expect([bound.missing, bound.text]).toEqual([[], list(uri)])
    }
  })
})
