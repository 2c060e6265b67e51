import type { Clock } from './ports.ts'

/** Waits for what may take long, at most `ms`. */
export async function atMost(clock: Clock, ms: number, done: Promise<unknown>): Promise<void> {
  let cancel = () => {}
  const timeout = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve)
  })
  try {
    await Promise.race([done, timeout])
  } finally {
    cancel()
  }
}
