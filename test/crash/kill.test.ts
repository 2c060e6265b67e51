import { afterAll, describe, expect, it } from 'vitest'
import { seededRandom, seedOfRun } from '../support/random.ts'
import { CrashSite } from './crash-site.ts'

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 20)
const MIN_EACH = 50
/** The 2xx after which the server is killed at once. */
const CHOSEN_ANSWERS = [1, 2, 7, 25, 60]
const DRAIN_ROUNDS = 5
/** Starts that are killed in a row before one may finish. */
const KILLED_STARTS = 4

describe('P1: every 2xx survives kill -9, nothing partial shows', () => {
  const seed = seedOfRun()
  const sites: CrashSite[] = []
  const newSite = (label: number) => {
    console.log(`SEED=${seed} replays this test`)
    const site = new CrashSite(seededRandom(seed).fork(label))
    sites.push(site)
    return site
  }
  afterAll(() => Promise.all(sites.map((site) => site.remove())))

  it(`killed at a random moment, ${ROUNDS} times on one data folder`, async () => {
    const site = newSite(1)
    const random = seededRandom(seed).fork(101)
    for (let round = 0; round < ROUNDS; round++) {
      await site.killUnderLoad({ atAnswer: random.whole(1, 140), delayMs: random.next() * 40 })
      await site.recoverAndCheck(round % 2 === 0 ? 'kill9' : 'stop')
    }
    report(site)
    const { acknowledged, cuts } = site.ledger
    expect(acknowledged).toBeGreaterThanOrEqual(MIN_EACH)
    expect(cuts).toBeGreaterThanOrEqual(MIN_EACH)
  })

  it('killed right at a 2xx, then again and again while it starts', async () => {
    const site = newSite(2)
    const random = seededRandom(seed).fork(102)
    let early = 0
    for (const atAnswer of CHOSEN_ANSWERS) {
      await site.killUnderLoad({ atAnswer, delayMs: 0 })
      for (let start = 0; start < KILLED_STARTS; start++) {
        if (await site.killAtStart(site.startMs * (0.5 + random.next() * 0.5))) early++
      }
      await site.recoverAndCheck('kill9')
    }
    report(site)
    console.log(`${early} starts killed before they listened; the last whole one took ${Math.round(site.startMs)} ms`)
    expect(early, 'starts that were killed before they listened').toBeGreaterThanOrEqual(CHOSEN_ANSWERS.length)
  })

  it('killed while it drains after SIGTERM', async () => {
    const site = newSite(3)
    const random = seededRandom(seed).fork(103)
    for (let round = 0; round < DRAIN_ROUNDS; round++) {
      await site.killUnderLoad({ atAnswer: random.whole(20, 60), delayMs: 0, drainMs: random.next() * 40 })
      await site.recoverAndCheck('kill9')
    }
    report(site)
  })
})

function report(site: CrashSite): void {
  const { acknowledged, cuts, segments, unanswered, playlists } = site.ledger
  console.log(
    `${acknowledged} answered 2xx (${segments.size} segments, ${playlists.size} playlists with all their versions), ` +
      `${cuts} cut on purpose, ${unanswered.size} unanswered at the kill; ${site.bodiesSeen} body files accounted for`,
  )
}
