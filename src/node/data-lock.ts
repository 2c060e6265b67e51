import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '../config/schema.ts'
import { errorCode } from './files.ts'

/** Longest path of a Unix socket on any system, in bytes. */
const MAX_SOCKET_PATH_BYTES = 100

/**
 * Keeps a second receiver off a data folder: it would take bodies that are still on their way for left-overs. The lock is
 * a listening socket, which the kernel lets go of however this process ends: one in the folder, seen from every container
 * that shares it, and on Linux first one without a file, which two that start at the same moment cannot both have.
 * Throws ConfigError when it is held; `setting` names the folder there.
 */
export async function lockData(folder: string, setting = 'DATA_DIR'): Promise<() => Promise<void>> {
  const held = new ConfigError(`${setting} ${folder} is in use by another receiver.`)
  const first = process.platform === 'linux' ? await tryListen(`\0hls-receiver-${digestOf(folder)}`) : null
  if (first === undefined) throw held
  const path = socketPath(folder)
  const second = (await tryListen(path)) ?? (await takeOver(path))
  if (second === undefined) {
    await closed(first)
    throw held
  }
  return async () => {
    await closed(second)
    await closed(first)
  }
}

function closed(server: Server | null): Promise<void> {
  return new Promise((resolve) => (server === null ? resolve() : server.close(() => resolve())))
}

function digestOf(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 16)
}

function socketPath(folder: string): string {
  const inFolder = join(folder, '.receiver/lock')
  if (Buffer.byteLength(inFolder) <= MAX_SOCKET_PATH_BYTES) return inFolder
  return join(tmpdir(), `hls-receiver-${digestOf(folder)}.lock`)
}

/** The listening lock, or undefined when the socket's file is there already. */
function tryListen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error) => (errorCode(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error)))
    server.listen(path, () => resolve(server.unref()))
  })
}

/** What connecting to a socket's file says when nobody listens. */
const DEAD = new Set(['ECONNREFUSED', 'ENOENT'])

/** Replaces the file of a lock whose holder is dead; undefined when the holder answers. */
async function takeOver(path: string): Promise<Server | undefined> {
  const isHeld = await new Promise<boolean>((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(true))
    socket.once('error', (error) => resolve(!DEAD.has(errorCode(error))))
    socket.once('close', () => socket.destroy())
  })
  if (isHeld) return undefined
  rmSync(path, { force: true })
  return tryListen(path)
}
