import { setTimeout as sleep } from 'node:timers/promises'

/** Loaded into a server that runs with --expose-gc: on SIGUSR2 it collects what is garbage and writes down what is left. */
process.on('SIGUSR2', async () => {
  global.gc?.()
  // What finalizers have let go of by now falls to the second collection.
  await sleep(100)
  global.gc?.()
  process.stdout.write(`\nmemory ${JSON.stringify(process.memoryUsage())}\n`)
})
