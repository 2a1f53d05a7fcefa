"""Open every page of _site/ in headless Chromium, as a telephone and as a desktop, in light and in dark, and say what is wrong.

    python scripts/check_site.py [folder, default _site] [--screenshots folder]

A page fails if it prints to the console, asks for a file outside of the site, has a broken link or image, mathematics or a table that
cannot be read, a horizontal scroll at 390 pixels, or text with too little contrast (below 4.5, or 3 for code, whose colours carry no meaning).
What the pages do is tried as well: search by the words that people use, copying, links to sections, folding, paper.
Needs `pip install -e '.[site]'` and a Chromium: that of the system (`apt-get install chromium`), or `playwright install chromium`.
"""
import functools
import re
import shutil
import sys
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote_plus, unquote, urldefrag

from playwright.sync_api import sync_playwright

root = Path(__file__).resolve().parent.parent

# What waits for a click, or for being scrolled to, is looked at as well.
ready = '''
  document.querySelectorAll('details').forEach(o => o.open = true);
  document.querySelectorAll('img').forEach(o => o.loading = 'eager');
  await Promise.all([...document.images].map(o => o.complete || new Promise(done => o.onload = o.onerror = done)));
'''

look = '''async () => {''' + ready + '''
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
    if (!text || !o.getClientRects().length || o.closest('.katex-mathml, script, style, svg')) continue;
    const a = light(rgb(getComputedStyle(o).color)), b = light(behind(o));
    const contrast = (Math.max(a, b) + 0.05)/(Math.min(a, b) + 0.05);
    if (contrast < (o.closest('pre') ? 3 : 4.5)) faint.add(`${contrast.toFixed(1)}: ${text.slice(0, 40)}`);
  }
  const main = document.querySelector('main').cloneNode(true);
  main.querySelectorAll('pre, code, .katex, .cell-out').forEach(o => o.remove());
  return {wide, culprits, faint: [...faint].slice(0, 5),
    images: [...document.images].filter(o => !o.naturalWidth || !o.getAttribute('width') && o.src.startsWith(location.origin)).map(o => o.src.slice(0, 80)),
    katex: [...document.querySelectorAll('.katex-error, .katex [style*="204, 0, 0"]')].map(o => o.textContent.slice(0, 80)),
    raw: (main.textContent.match(/\\$[^$\\n]{1,60}\\$|\\|---.{0,20}/g) || []).slice(0, 3),
    links: [...document.querySelectorAll('a[href]')].map(o => o.href), ids: [...document.querySelectorAll('[id]')].map(o => o.id)};
}'''

# What somebody types, and what stands in the heading of one of the first three sections that are found.
searches = {
    'He init': 'Kaiming', 'kaiming_normal_': 'Kaiming', 'msra init': 'Kaiming', 'Glorot': 'Xavier', 'fan-in gain': 'fan-in|[Gg]ain',
    'my gradients vanish': '[Vv]anish', 'exploding gradient': '[Ee]xplod', 'dying relu': '[Dd]ead|[Dd]ying', 'loss is nan': 'nan',
    'why does my loss not decrease': '[Ll]oss|learn', 'cuda oom': 'out of memory', 'LR range test': 'learning-rate finder', '1cycle': '[Oo]ne[- ]cycle',
    'batch norm': 'BatchNorm', 'EMA': 'moving average', 'resnet': '[Rr]esidual', 'skip connection': '[Rr]esidual', 'register_forward_hook': '[Hh]ook',
}


@contextmanager
def served(site):
    "The site on a port of this machine; gives the address."
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args): pass
    server = ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try: yield f'http://127.0.0.1:{server.server_port}/'
    finally: server.shutdown()


def names(site): return sorted(p.relative_to(site).as_posix() for p in Path(site).rglob('*.html'))


def browser(playwright):
    return playwright.chromium.launch(executable_path=shutil.which('chromium') or shutil.which('google-chrome'), args=['--no-sandbox'])


def views(playwright):
    "Browser contexts by name."
    chromium = browser(playwright)
    for name,width,scheme in (('telephone', 390, 'light'), ('telephone, dark', 390, 'dark'), ('desktop', 1280, 'light'), ('desktop, dark', 1280, 'dark')):
        yield name, chromium.new_context(viewport={'width': width, 'height': 900}, color_scheme=scheme)


def check_search(page, base, say):
    "The first sections that a search finds are about what was meant, whatever words were used for it."
    for query,wanted in searches.items():
        page.goto(f'{base}search.html?q={quote_plus(query)}', wait_until='load')
        first = page.locator('.hit a').all_text_contents()[:3]
        if not any(re.search(wanted, o) for o in first): say(f'a search for "{query}" finds {first}')


def check_page(page, base, say):
    "What a page does: its own links, copying, folding, neighbours, paper."
    def must(ok, what): ok or say(what)
    page.context.grant_permissions(['clipboard-read', 'clipboard-write'], origin=base.rstrip('/'))
    page.goto(f'{base}02_conv.html', wait_until='load')
    must(re.fullmatch(r'\d+ minutes', page.locator('.facts span').inner_text()), 'no minutes below the title')
    code = page.locator('main > .highlight').first
    copy = code.get_by_role('button', name='Copy this code')
    copy.focus()
    page.keyboard.press('Enter')
    page.wait_for_function('document.activeElement.textContent=="copied"')
    must(page.evaluate('navigator.clipboard.readText()')==code.locator('pre').inner_text().rstrip('\n'), 'the copy is not the code')
    must(page.locator('.highlight').count()==page.locator('button.copy').count(), 'code without a copy button')
    anchor = page.locator('h2 .anchor-link').first
    anchor.focus()
    page.keyboard.press('Shift+Tab'); page.keyboard.press('Tab')  # as the keyboard gets there
    must(anchor.evaluate('o => getComputedStyle(o).opacity')=='1', 'the link of a heading is not seen when the keyboard is on it')
    for rel,to in (('prev', '01_datasets.html'), ('next', '03_learner.html')):
        link = page.locator(f'nav.next a[rel={rel}]')
        must(link.get_attribute('href')==to and len(link.inner_text().split()) > 3, f'the link to the page {rel} is wrong')
    page.goto(f'{base}internals/report.html', wait_until='load')
    package = page.locator('details.package')
    fold = page.locator('button.fold')
    fold.click()
    must(package.first.get_attribute('open') is None, 'the button does not fold')
    must(any('def ' in o for o in page.locator('details.package > summary').all_inner_texts()), 'what is folded shows no signature')
    must(page.locator('details.more').count(), 'long outputs are not folded')
    page.emulate_media(media='print')
    page.evaluate('dispatchEvent(new Event("beforeprint"))')
    must(not page.locator('main details:not([open])').count(), 'something is folded on paper')
    must(not page.locator('nav.side').is_visible() and not page.locator('button.copy').first.is_visible(), 'the sidebar or a button is on paper')
    page.emulate_media(media='print', color_scheme='dark')
    colours = page.evaluate('[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]')
    must(colours==['rgb(0, 0, 0)', 'rgb(255, 255, 255)'], f'colours on paper: {colours}')
    page.emulate_media(media='screen', color_scheme='light')


def check_links(site, base, seen):
    "Messages about links within the site that lead nowhere."
    targets = {f'{base}{n}': set(o['ids']) for n,o in seen.items()}
    for name,got in seen.items():
        for link in sorted(set(got['links'])):
            if not link.startswith(base): continue
            url,anchor = urldefrag(link)
            url = url.split('?')[0]
            path = Path(site)/unquote(url[len(base):])
            if not path.is_file(): yield f'{name}: link to {url[len(base):]}, which does not exist'
            elif anchor and url in targets and not {anchor, unquote(anchor)} & targets[url]: yield f'{name}: no place called {anchor} in {url[len(base):]}'


def check(site, shots=None):
    "Messages about all that is wrong, and the number of pages that were opened."
    wrong,seen,now = [],{},{}  # now: what is being looked at
    def say(what): wrong.append(f'{now["page"]} ({now["view"]}): {what}')
    with served(site) as base, sync_playwright() as p:
        for view,context in views(p):
            page = context.new_page()
            now['view'] = view
            page.on('console', lambda m: say(f'console: {m.text}'))
            page.on('pageerror', lambda e: say(f'error: {e}'))
            page.on('requestfailed', lambda r: say(f'not loaded: {r.url[:90]}'))
            page.on('request', lambda r: r.url.startswith((base, 'data:', 'blob:')) or say(f'asks for {r.url[:90]}'))
            for name in names(site):
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
                now['page'] = 'search'
                check_search(page, base, say)
                now['page'] = 'what pages do'
                check_page(page, base, say)
        wrong += check_links(site, base, seen)
    return wrong, len(seen)


def main():
    args = sys.argv[1:]
    shots = Path(args.pop(args.index('--screenshots') + 1)) if '--screenshots' in args else None
    if shots: args.remove('--screenshots'); shots.mkdir(parents=True, exist_ok=True)
    wrong,n = check(args[0] if args else str(root/'_site'), shots)
    print('\n'.join(sorted(set(wrong))))
    print(f'{n} pages opened in four ways, {len(set(wrong))} things wrong')
    sys.exit(bool(wrong))


if __name__ == '__main__': main()
