import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { requireProgram } from '../../support/ffmpeg.ts'
import { CREDENTIALS } from '../../support/s3/signature.ts'
import { until } from '../../support/until.ts'

const run = promisify(execFile)
/** What its memory store may hold, in bytes. */
const STORE_BYTES = 4 * 1024 ** 3
const COMMAND_MS = 20_000

/** A Ceph cluster of one node with its S3 gateway. */
export interface Ceph {
  readonly url: string
  stop(): Promise<void>
}

/** Starts Ceph's monitor, storage daemon and S3 gateway on 127.0.0.1, with everything in a temporary folder and in memory. */
export async function startCeph(): Promise<Ceph> {
  for (const program of ['radosgw', 'ceph-mon', 'ceph-osd']) requireProgram(program, 'radosgw ceph-mon ceph-osd')
  const folder = mkdtempSync(join(tmpdir(), 'ceph-'))
  const children: ChildProcess[] = []
  const stop = async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all(children.map((child) => child.exitCode ?? new Promise((resolve) => child.once('close', resolve))))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const port = await startAll(folder, children)
    return { url: `http://127.0.0.1:${port}`, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startAll(folder: string, children: ChildProcess[]): Promise<number> {
  const [v2, v1, port] = [await freePort(), await freePort(), await freePort()]
  for (const name of ['mon', 'osd', 'run']) mkdirSync(join(folder, name))
  const conf = join(folder, 'ceph.conf')
  writeFileSync(conf, configuration(folder, { v1, v2, port }))
  const env = { PATH: process.env['PATH'], CEPH_CONF: conf }
  const call = async (command: string, ...args: string[]) =>
    (await run(command, args, { env, timeout: COMMAND_MS })).stdout.trim()
  const daemon = (command: string, ...args: string[]) => {
    children.push(spawn(command, [...args, '-f'], { env, stdio: 'ignore' }))
  }
  await makeKeyring(folder, call)
  const map = join(folder, 'monmap')
  const monitors = `[v2:127.0.0.1:${v2},v1:127.0.0.1:${v1}]`
  const fsid = '6c1d5d2e-6f1a-4f43-9d0c-0f8f3f8f7a10'
  await call('monmaptool', '--create', '--clobber', '--fsid', fsid, '--addv', 'a', monitors, map)
  await call('ceph-mon', '--mkfs', '-i', 'a', '--monmap', map, '--keyring', join(folder, 'keyring'))
  daemon('ceph-mon', '-i', 'a')
  const succeeds = (...args: string[]) =>
    call('ceph', ...args).then(
      (text) => text,
      () => undefined,
    )
  await until('the monitor of Ceph', () => succeeds('-s'), COMMAND_MS)
  const osd = '0b7a5e0e-8a55-4e0e-93a6-6a3b7a1f5c01'
  await call('ceph', 'osd', 'new', osd)
  await call('ceph', 'auth', 'add', 'osd.0', '-i', join(folder, 'keyring'))
  await call('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osd)
  daemon('ceph-osd', '-i', '0')
  const isUp = async () => ((await succeeds('osd', 'stat'))?.includes('1 up') === true ? true : undefined)
  await until('the storage of Ceph', isUp, COMMAND_MS)
  const { accessKeyId, secretAccessKey } = CREDENTIALS
  const keys = ['--access-key', accessKeyId, '--secret', secretAccessKey]
  await call('radosgw-admin', 'user', 'create', '--uid', 't', '--display-name', 't', ...keys)
  daemon('radosgw', '-n', 'client.admin')
  const answers = () => fetch(`http://127.0.0.1:${port}/`).then(({ ok }) => (ok ? true : undefined), ignore)
  await until('the gateway of Ceph', answers, COMMAND_MS)
  return port
}

async function makeKeyring(folder: string, call: (command: string, ...args: string[]) => Promise<string>) {
  const keyring = join(folder, 'keyring')
  for (const [index, name] of ['mon.', 'client.admin', 'osd.0'].entries()) {
    const caps = { mon: name === 'osd.0' ? 'allow profile osd' : 'allow *', osd: 'allow *', mgr: 'allow *' }
    const args = Object.entries(caps).flatMap(([daemon, cap]) => ['--cap', daemon, cap])
    const create = index === 0 ? ['--create-keyring'] : []
    await call('ceph-authtool', ...create, keyring, '--gen-key', '-n', name, ...args)
  }
}

/** What makes one node enough, and quick (facts: 1 s of paxos and 40 ms of Nagle otherwise). */
function configuration(folder: string, ports: { v1: number; v2: number; port: number }): string {
  return `[global]
fsid = 6c1d5d2e-6f1a-4f43-9d0c-0f8f3f8f7a10
mon host = [v2:127.0.0.1:${ports.v2},v1:127.0.0.1:${ports.v1}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
mon allow pool size one = true
osd crush chooseleaf type = 0
paxos propose interval = 0.05
paxos min wait = 0.02
osd objectstore = memstore
memstore device bytes = ${STORE_BYTES}
run dir = ${folder}/run
admin socket = ${folder}/run/$name.asok
log file = ${folder}/$name.log
mon data = ${folder}/mon
osd data = ${folder}/osd
rgw data = ${folder}/run
rgw gc obj min wait = 1
rgw gc processor period = 5
rgw gc processor max time = 5
rgw frontends = beast endpoint=127.0.0.1:${ports.port} tcp_nodelay=1
keyring = ${folder}/keyring
crash dir = ${folder}/run
`
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function ignore(): undefined {}
