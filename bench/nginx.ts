import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { ServerProcess } from './server-process.ts'
import { counter, type Server } from './servers.ts'
import { UploadedFiles } from './uploaded-files.ts'

const run = promisify(execFile)
/** Debian keeps nginx out of the PATH of plain users. */
const PATH = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/usr/local/sbin`

/** The version of an nginx that takes PUT; throws when there is none. */
export async function nginxVersion(): Promise<string> {
  const { stderr } = await run('nginx', ['-V'], { env: { ...process.env, PATH } }).catch(() => ({ stderr: '' }))
  const version = /nginx\/(\S+)/.exec(stderr)?.[1]
  if (version === undefined) throw new Error('nginx is missing: install it (Debian: apt-get install nginx-light).')
  if (!/--with-http_dav_module(?:\s|$)/.test(stderr)) throw new Error('This nginx is built without http_dav_module.')
  return version
}

/** nginx with http_dav: one worker, an access log in a file, nothing else changed but what PUT needs. */
export async function startNginx(folder: string): Promise<Server> {
  const root = join(folder, 'root')
  const uploads = join(root, 'live')
  mkdirSync(uploads, { recursive: true })
  mkdirSync(join(folder, 'temp'))
  const port = await freePort()
  const config = join(folder, 'nginx.conf')
  writeFileSync(config, nginxConfig(folder, port))
  const running = new ServerProcess({
    file: 'nginx',
    args: ['-p', folder, '-c', config, '-e', join(folder, 'error.log')],
    env: { PATH },
    output: join(folder, 'log'),
  })
  await running.ready(() => answers(port))
  const files = new UploadedFiles(uploads)
  return {
    name: 'nginx http_dav',
    port,
    folder: '/live/',
    accepts: [201, 204],
    nextNumber: counter(),
    cpu: () => running.cpu(),
    storedFiles: () => files.count(),
    clear: () => files.empty(),
    stop: () => running.stop(),
  }
}

function nginxConfig(folder: string, port: number): string {
  const { uid, username } = userInfo()
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${folder}/temp/${kind};`,
  )
  return `${uid === 0 ? `user ${username};\n` : ''}daemon off;
master_process on;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
${temp.join('\n')}
  access_log ${folder}/access.log;
  keepalive_requests 1000000;
  server {
    listen 127.0.0.1:${port};
    root ${folder}/root;
    client_max_body_size 0;
    location / {
      dav_methods PUT DELETE;
      create_full_put_path on;
    }
  }
}
`
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => socket.destroy(undefined) && resolve(true))
    socket.once('error', () => resolve(false))
  })
}
