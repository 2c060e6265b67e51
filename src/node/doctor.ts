import { type Config, ConfigError } from '../config/schema.ts'
import { examineBucket } from '../stores/s3/examine.ts'
import { nodeS3Runtime } from './s3-runtime.ts'
import { s3Settings } from './s3-storage.ts'

/** App that stands for any in a prefix with `:app`. */
const ANY_APP = 'live'

/**
 * Checks the bucket that the settings name, a line for each check, and tells whether all is well. Throws ConfigError where
 * STORE is not s3.
 */
export async function doctor(config: Config, print: (line: string) => void): Promise<boolean> {
  if (config.STORE !== 's3') throw new ConfigError('doctor checks a bucket: set STORE=s3 and S3_BUCKET.')
  const prefix = config.S3_PREFIX.replaceAll(':app', config.APPS[0] ?? ANY_APP)
  print(`Bucket ${config.S3_BUCKET}, prefix ${prefix}, ${config.S3_ENDPOINT === '' ? 'AWS' : config.S3_ENDPOINT}`)
  let isWell = true
  const place = { prefix, isShared: config.S3_SHARED }
  for await (const { what, isGood, text } of examineBucket(s3Settings(config), nodeS3Runtime, place, Date.now)) {
    print(`${isGood ? 'ok  ' : 'FAIL'} ${what.padEnd(18)} ${text}`)
    isWell &&= isGood
  }
  return isWell
}
