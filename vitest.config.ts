import { defineConfig } from 'vitest/config'

const project = (name: string, include: string[], testTimeout: number, fileParallelism = true) => ({
  test: { name, include, maxConcurrency: 40, testTimeout, hookTimeout: testTimeout, fileParallelism },
})

export default defineConfig({
  test: {
    // By default one core is left out, which on a machine of two leaves one worker; most files wait more than they compute.
    maxWorkers: '100%',
    projects: [
      project('unit', ['test/{unit,conformance,repository,wire,simulation}/**/*.test.ts'], 60_000),
      project('captures', ['test/captures/**/*.test.ts'], 120_000),
      project('e2e', ['test/e2e/**/*.test.ts'], 180_000, false),
      project('crash', ['test/crash/**/*.test.ts'], 600_000, false),
      project('outage', ['test/outage/**/*.test.ts'], 300_000, false),
      project('s3', ['test/s3/**/*.test.ts'], 180_000, false),
      project('browser', ['test/browser/**/*.test.ts'], 120_000, false),
    ],
  },
})
