import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SUBTITLES } from '../e2e/support/variants.ts'
import { run } from '../support/ffmpeg.ts'
import { problemsOf } from './play-variant.ts'
import { type Player, type Playing, usePlayers } from './players.ts'

const players = usePlayers()
const folder = mkdtempSync(join(tmpdir(), 'interrupted-'))

beforeAll(async () => {
  const keyServer = { url: '', key: new Uint8Array(), reads: 0, stop: () => {} }
  const args = SUBTITLES.args({ base: folder, folder, tone: 440, keyServer, persistent: 0 })
  const asFastAsItCan = args.filter((arg) => arg !== '-re')
  expect(await run('ffmpeg', asFastAsItCan)).toMatchObject({ code: 0 })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Plays a live stream whose subtitles `answerSubtitle` answers, until `use` is done; that it never ends is no problem. */
async function playing(
  answerSubtitle: (answer: ServerResponse) => void,
  use: (player: Player) => Promise<Playing>,
): Promise<string[]> {
  const player = await players.open()
  const server = createServer(({ url = '' }, answer) => {
    answer.setHeader('Access-Control-Allow-Origin', '*')
    if (url.endsWith('.vtt')) return answerSubtitle(answer)
    const bytes = readFileSync(join(folder, url))
    answer.end(url.endsWith('.m3u8') ? bytes.toString().replace('#EXT-X-ENDLIST', '') : bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await player.play(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${SUBTITLES.playlist}`)
    return problemsOf('hls.js', { ...(await use(player)), hasEnded: true })
  } finally {
    await player.close()
    server.close()
    server.closeAllConnections()
  }
}

test('a load that hls.js gives up by itself is no problem', async () => {
  let ask = () => {}
  const asked = new Promise<void>((resolve) => {
    ask = resolve
  })
  const problems = await playing(ask, async (player) => {
    await asked
    await player.chooseSubtitlesAgain()
    const state = await player.reports('aborted')
    expect(state.errors).toContainEqual(expect.stringMatching(/^non-fatal networkError aborted Aborted .*\.vtt$/))
    return state
  })
  expect(problems).toEqual([])
})

test('a load that the server cuts is a problem', async () => {
  const cut = (answer: ServerResponse) => {
    answer.writeHead(200, { 'Content-Length': 99 }).write('WEBVTT\n', () => answer.destroy())
  }
  const problems = await playing(cut, (player) => player.reports('fragLoadError'))
  expect(problems).toContainEqual(expect.stringMatching(/networkError fragLoadError .*\.vtt/))
})

test('a load that the server never answers is a problem', async () => {
  const problems = await playing(
    () => {},
    (player) => player.reports('fragLoadTimeOut'),
  )
  expect(problems).toContainEqual(expect.stringMatching(/networkError fragLoadTimeOut .*\.vtt/))
})
