const PREFIX = 'whsec_'
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
/** Bytes of a secret, as Standard Webhooks has it. */
const MIN_BYTES = 24
const MAX_BYTES = 64

/** The bytes of a secret that is written as Standard Webhooks has it, `whsec_` and base64; null when it is not one. */
export function parseWebhookSecret(text: string): Uint8Array<ArrayBuffer> | null {
  const base64 = text.slice(PREFIX.length)
  if (!text.startsWith(PREFIX) || !BASE64.test(base64) || base64.length % 4 !== 0) return null
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  return bytes.length >= MIN_BYTES && bytes.length <= MAX_BYTES ? bytes : null
}
