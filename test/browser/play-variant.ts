import { test } from 'vitest'
import { Checker } from '../../src/testing/index.ts'
import { hashesOf, leaksOf, refusalsOf } from '../e2e/support/checks.ts'
import { KEY, type Push, startPush } from '../e2e/support/push.ts'
import { PUSH_SECONDS, type Variant, type VariantParts } from '../e2e/support/variants.ts'
import { decode, type Finished, FRAME_RATE, run } from '../support/ffmpeg.ts'
import { until } from '../support/until.ts'
import type { Player, Playing, usePlayers } from './players.ts'

/** Speed of playing what need not be watched live. */
const FAST = 4
/** How far a length may be off, in seconds. */
const TOLERANCE_SECONDS = 0.5
/** How far a player must have come while the encoder still pushes, in seconds. */
const LIVE_SECONDS = 3
/** A page that cannot keep up leaves pictures out, but not most of them. */
const LEAST_SHOWN = 0.5
/** Six versions, of which a poll may miss one, name up to five or six segments. */
const LEAST_VERIFIED = 15
/** How far from its start a player may begin, in s. */
const BEGINNING_SECONDS = 0.25
/** No errors: waiting for the encoder, and a load that hls.js gave up by itself; a cut one is a fragLoadError. */
const HARMLESS = ['non-fatal mediaError bufferStalledError', 'non-fatal networkError aborted']

type Players = ReturnType<typeof usePlayers>

/** Plays each variant, pushed over new connections and over kept ones, all at once. */
export function testVariants(players: Players, variants: readonly Variant[]): void {
  for (const variant of variants) {
    test.concurrent(`${variant.name} plays`, () => playVariant(players, variant, 0))
    test.concurrent(`${variant.name} plays, http_persistent`, () => playVariant(players, variant, 1))
  }
}

/** Pushes a variant; ffmpeg and hls.js play it while it is pushed, and from its start when it is over. */
export async function playVariant(
  players: Players,
  variant: Variant,
  persistent: VariantParts['persistent'],
  inspect: (push: Push) => Promise<void> = async () => undefined,
): Promise<void> {
  const player = await players.open()
  await withPush(variant, async (push) => {
    const encoder = push.encode(variant.args({ ...push, persistent }))
    await push.served(variant.playlist)
    await play(player, variant, push, encoder)
    await inspect(push)
  })
  await player.close()
}

/** Starts what a push needs, and keeps a Checker on all of its playlists until `use` is done with it. */
export async function withPush(variant: Variant, use: (push: Push) => Promise<void>): Promise<void> {
  const push = await startPush()
  const checker = new Checker({
    url: push.receiver.url,
    app: 'live',
    recording: push.tee.recording,
    playlists: [...new Set([variant.playlist, ...variant.media])],
    secrets: [KEY],
  })
  checker.start()
  try {
    await use(push).catch(async (error: unknown) => {
      const { violations } = await checker.stop()
      throw new Error([String(error), ...violations].join('\n'), { cause: error })
    })
    await checker.finish({ atLeast: LEAST_VERIFIED })
  } finally {
    await push.stop()
  }
}

/** Plays what an encoder pushes, live and then from its start, and looks for whatever a viewer would not like. */
export async function play(player: Player, variant: Variant, push: Push, encoder: Promise<Finished>): Promise<void> {
  let isPushing = true
  const pushed = encoder.then(({ code, stderr }) => {
    isPushing = false
    return code === 0 && stderr === '' ? [] : [`encoder: exit code ${code}, ${stderr}`]
  })
  const problems = (await Promise.all([playLive(player, variant, push, () => isPushing), pushed])).flat()
  problems.push(...(await playWhole(player, variant, push)), ...refusalsOf(push), ...leaksOf(push))
  if (problems.length > 0) throw new Error([...new Set(problems)].join('\n'))
  await until('everything that was sent in the store', () => {
    const { sent, stored } = hashesOf(push)
    return sent.join() === stored.join() ? true : undefined
  })
}

async function playLive(player: Player, variant: Variant, push: Push, isPushing: () => boolean): Promise<string[]> {
  const url = push.playUrl(variant.playlist)
  const decoded = decodeAll('live in ffmpeg', url, PUSH_SECONDS, ['-live_start_index', '0'])
  await player.play(url)
  await player.reaches(LIVE_SECONDS)
  const early = isPushing() ? [] : [`hls.js had not played ${LIVE_SECONDS} s when the push was over`]
  await Promise.all(variant.media.map((name) => push.served(name, '#EXT-X-ENDLIST')))
  await player.speed(FAST)
  return [...early, ...problemsOf('live in hls.js', await player.ends()), ...(await decoded)]
}

async function playWhole(player: Player, variant: Variant, push: Push): Promise<string[]> {
  const url = push.playUrl(variant.playlist)
  const decoded = decodeAll('whole in ffmpeg', url, variant.seconds)
  const problems: string[] = []
  for (const [level, height] of variant.heights.entries()) {
    await player.play(url, { rate: FAST, level, startAt: 0 })
    problems.push(...wholeProblems(`level ${level} in hls.js`, await player.ends(), variant, height))
  }
  const { subtitles } = variant
  if (subtitles !== undefined) problems.push(...(await readSubtitles(push.playUrl(subtitles.playlist), variant)))
  return [...problems, ...(await decoded)]
}

function wholeProblems(where: string, playing: Playing, variant: Variant, height: number): string[] {
  const problems = problemsOf(where, playing)
  const least = LEAST_SHOWN * FRAME_RATE * variant.seconds
  if (Math.abs(playing.duration - variant.seconds) > TOLERANCE_SECONDS) problems.push(`${where}: ${playing.duration} s`)
  if (playing.height !== height) problems.push(`${where}: ${playing.height} pixels high`)
  if (playing.frames < least) problems.push(`${where}: only ${playing.frames} pictures`)
  return [...problems, ...missingCues(where, playing.cues, variant)]
}

async function decodeAll(
  where: string,
  url: string,
  seconds: number,
  options: readonly string[] = [],
): Promise<string[]> {
  const decoded = await decode(url, options, ['-map', '0'])
  const problems = decoded.stderr === '' ? [] : [`${where}: ${decoded.stderr}`]
  if (decoded.code !== 0) problems.push(`${where}: exit code ${decoded.code}`)
  if (decoded.frames !== seconds * FRAME_RATE) problems.push(`${where}: ${decoded.frames} pictures`)
  if (Math.abs(decoded.seconds - seconds) > TOLERANCE_SECONDS) problems.push(`${where}: ${decoded.seconds} s long`)
  return problems
}

/** ffmpeg 5.1 passes over the subtitles of a multivariant playlist, and reads them on their own. */
async function readSubtitles(url: string, variant: Variant): Promise<string[]> {
  const { code, stderr, stdout } = await run('ffmpeg', ['-v', 'error', '-xerror', '-i', url, '-f', 'webvtt', '-'])
  const where = 'subtitles in ffmpeg'
  const problems = code === 0 && stderr === '' ? [] : [`${where}: exit code ${code}, ${stderr}`]
  return [...problems, ...missingCues(where, stdout.split('\n'), variant)]
}

/** What a viewer would not like. */
export function problemsOf(where: string, { errors, hasEnded }: Playing): string[] {
  const isHarmless = (error: string) => HARMLESS.some((harmless) => error.startsWith(harmless)) || isBeginning(error)
  const harmful = errors.filter((error) => !isHarmless(error))
  const problems = harmful.map((error) => `${where}: ${error}`)
  return hasEnded ? problems : [...problems, `${where}: not played to its end`]
}

/** The first picture may begin a little behind the first sound: hls.js goes there, and says so. */
function isBeginning(error: string): boolean {
  const [, to] = /bufferSeekOverHole .* seeking from \S+ to (\S+)/.exec(error) ?? []
  return to !== undefined && Number(to) < BEGINNING_SECONDS
}

function missingCues(where: string, cues: readonly string[], { subtitles }: Variant): string[] {
  const missing = (subtitles?.cues ?? []).filter((cue) => !cues.includes(cue))
  return missing.map((cue) => `${where}: no subtitle ${cue}`)
}
