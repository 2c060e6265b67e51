import { setTimeout as sleep } from 'node:timers/promises'
import { SETTLE_INTERVAL_MS } from '../src/core/limits.ts'

/** Loaded into a receiver that runs with --expose-gc: it writes down its memory on SIGUSR2, and settles now on SIGHUP. */
process.on('SIGUSR2', async () => {
  global.gc?.()
  // What finalizers have let go of by now falls to the second collection.
  await sleep(100)
  global.gc?.()
  process.stdout.write(`\nmemory ${JSON.stringify(process.memoryUsage())}\n`)
})

process.on('SIGHUP', () => {
  for (const run of [...waiting]) run()
})

/** What timers of the length of the settling's will call. */
const waiting = new Set<() => void>()

globalThis.setTimeout = new Proxy(setTimeout, {
  apply(start, self, [run, ms, ...rest]: Parameters<typeof setTimeout>) {
    if (ms !== SETTLE_INTERVAL_MS) return Reflect.apply(start, self, [run, ms, ...rest])
    const timer = Reflect.apply(start, self, [() => now(), ms])
    const now = () => {
      waiting.delete(now)
      clearTimeout(timer)
      run()
    }
    waiting.add(now)
    return timer
  },
})
