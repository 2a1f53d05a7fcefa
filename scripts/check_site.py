"""Open every page of _site/ in headless Chromium, as a telephone and as a desktop, in light and in dark, and say what is wrong.

    python scripts/check_site.py [folder, default _site] [--screenshots folder]

A page fails if it prints to the console, asks for a file outside of the site, has a broken link or image, mathematics that cannot be read, a
horizontal scroll at 390 pixels, or text with too little contrast (below 4.5, or 3 for code, whose colours carry no meaning of their own).
Needs `pip install -e '.[site]'` and a Chromium: that of the system (`apt-get install chromium`), or `playwright install chromium`.
"""
import functools
import shutil
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urldefrag

from playwright.sync_api import sync_playwright

root = Path(__file__).resolve().parent.parent

look = '''() => {
  document.querySelectorAll('details').forEach(o => o.open = true);  // what waits for a click is checked as well
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const culprits = wide > 0 ? [...document.querySelectorAll('main *')].filter(o => o.getBoundingClientRect().right > innerWidth + 1
    && !o.closest('pre, table, .cell-out, .katex-display')).slice(0, 3).map(o => o.tagName + ': ' + o.textContent.slice(0, 60)) : [];
  const rgb = s => (s.match(/[\\d.]+/g) || [0, 0, 0]).map(Number);
  const light = c => c.slice(0, 3).map(v => (v /= 255) <= 0.03928 ? v/12.92 : ((v + 0.055)/1.055)**2.4)
    .reduce((a, v, i) => a + v*[0.2126, 0.7152, 0.0722][i], 0);
  const behind = o => { for (; o; o = o.parentElement) { const c = rgb(getComputedStyle(o).backgroundColor);
    if (c.length < 4 || c[3] > 0.5) return c; } return [255, 255, 255]; };
  const faint = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const o = walk.currentNode.parentElement, text = walk.currentNode.textContent.trim();
    if (!text || !o.getClientRects().length || o.closest('.katex-mathml, script, style, .anchor-link, svg')) continue;
    const a = light(rgb(getComputedStyle(o).color)), b = light(behind(o));
    const contrast = (Math.max(a, b) + 0.05)/(Math.min(a, b) + 0.05);
    if (contrast < (o.closest('pre') ? 3 : 4.5)) faint.add(`${contrast.toFixed(1)}: ${text.slice(0, 40)}`);
  }
  const main = document.querySelector('main').cloneNode(true);
  main.querySelectorAll('pre, code, .katex, .cell-out').forEach(o => o.remove());
  return {wide, culprits, faint: [...faint].slice(0, 5),
    images: [...document.images].filter(o => o.complete && !o.naturalWidth).map(o => o.src.slice(0, 80)),
    katex: [...document.querySelectorAll('.katex-error, .katex [style*="204, 0, 0"]')].map(o => o.textContent.slice(0, 80)),
    raw: (main.textContent.match(/\\$[^$\\n]{1,60}\\$/g) || []).slice(0, 3),
    links: [...document.querySelectorAll('a[href]')].map(o => o.href), ids: [...document.querySelectorAll('[id]')].map(o => o.id)};
}'''


def views(playwright):
    "Browser contexts by name."
    chromium = playwright.chromium.launch(executable_path=shutil.which('chromium') or shutil.which('google-chrome'), args=['--no-sandbox'])
    for name,width,scheme in (('telephone', 390, 'light'), ('telephone, dark', 390, 'dark'), ('desktop', 1280, 'light'), ('desktop, dark', 1280, 'dark')):
        yield name, chromium.new_context(viewport={'width': width, 'height': 900}, color_scheme=scheme)


def check(site, shots=None):
    "Messages about all that is wrong, and the number of pages that were opened."
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args): pass
    server = ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f'http://127.0.0.1:{server.server_port}/'
    names = sorted(p.relative_to(site).as_posix() for p in Path(site).rglob('*.html'))
    wrong,seen,now = [],{},{}  # now: what is being looked at
    def say(what): wrong.append(f'{now["page"]} ({now["view"]}): {what}')
    with sync_playwright() as p:
        for view,context in views(p):
            page = context.new_page()
            now['view'] = view
            page.on('console', lambda m: say(f'console: {m.text}'))
            page.on('pageerror', lambda e: say(f'error: {e}'))
            page.on('requestfailed', lambda r: say(f'not loaded: {r.url[:90]}'))
            page.on('request', lambda r: r.url.startswith((base, 'data:', 'blob:')) or say(f'asks for {r.url[:90]}'))
            for name in names:
                now['page'] = name
                page.goto(base + name, wait_until='load')
                got = page.evaluate(look)
                if 'telephone' in view and got['wide'] > 0: say(f'{got["wide"]} pixels too wide: {got["culprits"]}')
                for kind in ('images', 'katex', 'raw', 'faint'):
                    if got[kind]: say(f'{kind}: {got[kind]}')
                seen[name] = got
                if shots:
                    file = f'{name.replace("/", "_")[:-5]}-{view.replace(", ", "-")}.png'
                    page.screenshot(path=str(Path(shots)/file), full_page=False)
            if view=='desktop':
                now['page'] = 'search.html'
                page.goto(f'{base}search.html?q=fan-in+gain', wait_until='load')
                if page.locator('.hit').count() < 3: say('a search for "fan-in gain" finds less than three sections')
        targets = {f'{base}{n}': set(o['ids']) for n,o in seen.items()}
        for name,got in seen.items():
            for link in sorted(set(got['links'])):
                if not link.startswith(base): continue
                url,anchor = urldefrag(link)
                url = url.split('?')[0]
                path = Path(site)/unquote(url[len(base):])
                if not path.is_file(): wrong.append(f'{name}: link to {url[len(base):]}, which does not exist')
                elif anchor and url in targets and not {anchor, unquote(anchor)} & targets[url]: wrong.append(f'{name}: no place called {anchor} in {url[len(base):]}')
    server.shutdown()
    return wrong, len(names)


def main():
    args = sys.argv[1:]
    shots = Path(args.pop(args.index('--screenshots') + 1)) if '--screenshots' in args else None
    if shots: args.remove('--screenshots'); shots.mkdir(parents=True, exist_ok=True)
    wrong,n = check(args[0] if args else str(root/'_site'), shots)
    print('\n'.join(sorted(set(wrong))))
    print(f'{n} pages opened in four ways, {len(set(wrong))} things wrong')
    sys.exit(bool(wrong))


if __name__ == '__main__': main()
