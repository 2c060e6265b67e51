export { ConfigError, readConfig } from '../config/schema.ts'
export { type RunningReceiver, serve } from './serve.ts'
export { createLog } from './logger.ts'
