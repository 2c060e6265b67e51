export { ConfigError, readConfig } from '../config/schema.ts'
export { createLog } from './logger.ts'
export { type RunningReceiver, serve } from './serve.ts'
