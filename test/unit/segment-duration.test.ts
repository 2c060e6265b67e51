import { describe, expect, test } from 'vitest'
import { contentOf } from '../../src/core/catalog.ts'
import { segmentDuration } from '../../src/core/duration/segment-duration.ts'
import type { BodyContent } from '../../src/core/ports.ts'
import type { Capture } from '../../src/testing/index.ts'
import { captures } from '../support/captures.ts'

/** Encoders round, and count from one key frame to the next; their last frames may reach over. */
const TOLERANCE_SECONDS = 0.1
const INIT = /init.*\.mp4$|\/init/

interface Said {
  readonly uri: string
  readonly seconds: number
}

/** The segments that the playlists of a push name, and how long they say that these play. */
function saidIn({ requests }: Capture): Said[] {
  const texts = requests
    .filter(({ target }) => target.includes('.m3u8'))
    .map(({ body }) => new TextDecoder().decode(body))
  const said = texts
    .filter((text) => !/EXT-X-KEY|EXT-X-BYTERANGE/.test(text))
    .flatMap((text) => [...text.matchAll(/#EXTINF:([\d.]+)[^\n]*\n(?:#[^\n]*\n)*([^#\n]+)/g)])
    .map(([, seconds, uri = '']) => ({ uri, seconds: Number(seconds) }))
  return [...new Map(said.map((each) => [each.uri, each])).values()]
}

/** The body that came last under the last part of a name, in pieces as they came. */
function bodyOf({ requests }: Capture, isNamed: (base: string) => boolean): BodyContent | undefined {
  const base = (target: string) => target.replace(/\?.*$/, '').replace(/^.*\//, '')
  const found = requests.findLast(({ target, body, endedAt }) => isNamed(base(target)) && body.length > 0 && endedAt)
  if (found === undefined) return undefined
  const { pieces, body } = found
  return {
    size: body.length,
    async *stream() {
      for (const { bytes } of pieces) yield bytes
    },
  }
}

const isMedia = (uri: string) => /\.(ts|m4s|mp4|fmp4)$/.test(uri)

describe('P5: the time stamps of a segment tell how long it plays, as its encoder said', () => {
  const known = captures.flatMap((capture) => {
    const init = bodyOf(capture, (name) => INIT.test(name))
    return saidIn(capture).flatMap(({ uri, seconds }) => {
      const body = isMedia(uri) ? bodyOf(capture, (name) => name === uri.replace(/^.*\//, '')) : undefined
      return body === undefined ? [] : [{ name: `${capture.name} ${uri}`, uri, seconds, body, init }]
    })
  })

  test.each(known)('$name: $seconds s', async ({ uri, seconds, body, init }) => {
    const told = await segmentDuration(uri, body, init)
    expect(told).toBeGreaterThan(seconds - TOLERANCE_SECONDS)
    expect(told).toBeLessThan(seconds + TOLERANCE_SECONDS)
  })

  test('there were segments of both kinds', () => {
    expect(known.filter(({ uri }) => uri.endsWith('.ts')).length).toBeGreaterThan(50)
    expect(known.filter(({ uri }) => uri.endsWith('.m4s')).length).toBeGreaterThan(5)
  })
})

test('P6: what is no segment, or cut anywhere, is told no time, or a finite one', async () => {
  const sound = captures.flatMap((capture) => {
    const body = bodyOf(capture, (name) => name.endsWith('.m4s')) ?? bodyOf(capture, (name) => name.endsWith('.ts'))
    const init = bodyOf(capture, (name) => INIT.test(name))
    return body === undefined ? [] : [{ body, init }]
  })
  for (const { body, init } of sound) {
    const bytes = await gathered(body)
    const head = init === undefined ? undefined : await gathered(init)
    for (let cut = 0; cut < 400; cut += 7) {
      for (const name of ['a.ts', 'a.m4s']) {
        const told = await segmentDuration(
          name,
          contentOf(spoilt(bytes, cut)),
          head && contentOf(spoilt(head, 3 * cut)),
        )
        expect(told ?? 1).toBeGreaterThan(0)
        expect(Number.isFinite(told ?? 1)).toBe(true)
      }
    }
  }
})

test('P6: boxes that lie in each other without end are not followed', async () => {
  const nested = (count: number): Uint8Array => {
    const bytes = Buffer.alloc(8 * count)
    for (let depth = 0; depth < count; depth++) {
      bytes.writeUInt32BE(8 * (count - depth), 8 * depth)
      bytes.write(depth === 0 ? 'moof' : 'traf', 8 * depth + 4)
    }
    return bytes
  }
  expect(await segmentDuration('a.m4s', contentOf(nested(100_000)), contentOf(nested(4)))).toBeUndefined()
})

async function gathered(body: BodyContent): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body.stream()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Cut somewhere, with one byte changed before. */
function spoilt(bytes: Uint8Array, seed: number): Uint8Array {
  const end = Math.max(1, bytes.length - ((seed * 131) % bytes.length))
  const copy = Uint8Array.from(bytes.subarray(0, end))
  copy[(seed * 31) % Math.min(copy.length, 2_000)] = seed & 0xff
  return copy
}
