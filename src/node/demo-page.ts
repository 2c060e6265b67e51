/** A page that plays one playlist with hls.js (served beside it as `/hls.js`) and says what it does. */
export function playerPage(playUrl: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>hls-receiver</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; color: #1d2733 }
  video { width: 100%; background: #000; border-radius: 6px }
  code { overflow-wrap: anywhere }
</style>
<h1>hls-receiver</h1>
<video id="video" muted autoplay playsinline controls></video>
<p id="state">Waiting for the first segments …</p>
<p>Playing <code>${playUrl}</code></p>
<script src="/hls.js"></script>
<script>
  const video = document.getElementById('video')
  const state = document.getElementById('state')
  const hls = new Hls()
  hls.on(Hls.Events.MANIFEST_PARSED, () => video.play())
  hls.on(Hls.Events.ERROR, (_, data) => { if (data.fatal) state.textContent = 'The player gave up: ' + data.details })
  video.addEventListener('playing', () => { state.textContent = 'Live.' })
  const source = ${JSON.stringify(playUrl)}
  const begin = async () => {
    const answer = await fetch(source).catch(() => undefined)
    if (!answer?.ok) return setTimeout(begin, 250)
    hls.loadSource(source)
    hls.attachMedia(video)
  }
  begin()
</script>
</html>
`
}
