import { toBytes } from '../records.ts'

/**
 * The signatures of a webhook by Standard Webhooks, one for each secret, separated by spaces: `v1,` and the HMAC-SHA256 of id, time
 * of the attempt in seconds, and body, in base64.
 */
export async function signatures(
  secrets: readonly Uint8Array<ArrayBuffer>[],
  { id, seconds, body }: { readonly id: string; readonly seconds: number; readonly body: string },
): Promise<string> {
  const signed = Uint8Array.from(toBytes(`${id}.${seconds}.${body}`))
  const macs = await Promise.all(secrets.map((secret) => hmac(secret, signed)))
  return macs.map((mac) => `v1,${btoa(String.fromCharCode(...mac))}`).join(' ')
}

async function hmac(secret: Uint8Array<ArrayBuffer>, signed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, signed))
}
