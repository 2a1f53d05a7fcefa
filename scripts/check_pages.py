"""What a reader pays for a page of _site/, and what a page says about itself, in figures like Lighthouse's; a table of all pages.

    python scripts/check_pages.py [folder, default _site]

kB: the page with all that it loads, all pictures included, as the files are (a host that compresses sends less). ms: until the first text is
on the screen; it depends on the machine and is only reported. A page fails if it is heavier than 1,500 kB, has a picture without an alt text
of its own (in a notebook: `#| fig-alt: "…"` at the top of the cell), headings out of order, or no language, title, description or picture
for those who link to it. check_site.py looks at contrast.
"""
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import sync_playwright

from check_site import browser, names, ready, root, served

limit = 1_500  # kB

measure = '''async () => {''' + ready + '''
  await new Promise(done => { new PerformanceObserver(done).observe({type: 'paint', buffered: true}); setTimeout(done, 2000); });
  const meta = k => (document.querySelector(`meta[name="${k}"], meta[property="${k}"]`) || {content: ''}).content;
  const section = o => { let h = ''; for (const x of document.querySelectorAll('h1, h2, h3')) if (x.compareDocumentPosition(o) & 4) h = x.textContent; return h.replace('¶', ''); };
  const images = [...document.querySelectorAll('main img, main svg[role=img], main canvas')];
  const own = o => (o.getAttribute('alt') || o.getAttribute('aria-label') || '').trim() && !o.dataset.alt;
  return {
    paint: Math.round((performance.getEntriesByName('first-contentful-paint')[0] || {startTime: NaN}).startTime),
    pictures: images.length, bare: images.filter(o => !own(o)).map(section),
    levels: [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(o => Number(o.tagName[1])),
    lang: document.documentElement.lang, title: document.title, description: meta('description'), image: meta('og:image'), url: meta('og:url'),
  };
}'''


def figures(site):
    "For each page what the browser measured, with the weight of all files that it loaded."
    with served(site) as base, sync_playwright() as p:
        page = browser(p).new_context(viewport={'width': 1280, 'height': 900}).new_page()
        loaded = set()
        page.on('request', lambda r: r.url.startswith(base) and loaded.add(unquote(urlsplit(r.url).path)[1:]))
        for name in names(site):
            loaded.clear()
            page.goto(base + name, wait_until='load')
            got = page.evaluate(measure)
            yield name, got | {'kB': sum((Path(site)/o).stat().st_size for o in loaded)/1000}


def faults(site, name, got):
    "What is wrong with a page."
    levels = got['levels']
    if got['kB'] > limit: yield f'{got["kB"]:,.0f} kB, the limit is {limit:,}'
    if levels[:1] != [1] or levels.count(1) != 1: yield f'begins with h{levels[:1]} and has {levels.count(1)} h1'
    if any(b > a + 1 for a,b in zip(levels, levels[1:])): yield 'a heading leaves out a level'
    for k in ('lang', 'title', 'description', 'image', 'url'):
        if not got[k]: yield f'no {k}'
    if got['image'] and not (Path(site)/'images'/got['image'].rpartition('/')[2]).is_file(): yield f'{got["image"]} is not in the site'
    for o in got['bare']: yield f'a picture without an alt text of its own, in “{o}”'


def main():
    site = sys.argv[1] if len(sys.argv) > 1 else str(root/'_site')
    rows = sorted(figures(site), key=lambda o: -o[1]['kB'])
    print(f'{"page":34}{"kB":>7}{"ms":>6}{"pictures":>10}{"alt":>6}{"headings":>10}')
    for name,got in rows:
        print(f'{name[:-5]:34}{got["kB"]:7,.0f}{got["paint"]:6}{got["pictures"]:10}{got["pictures"] - len(got["bare"]):6}{len(got["levels"]):10}')
    wrong = [f'{name[:-5]}: {o}' for name,got in rows for o in faults(site, name, got)]
    print('\n'.join(sorted(wrong)))
    print(f'{len(rows)} pages, {len(wrong)} things wrong')
    sys.exit(bool(wrong))


if __name__ == '__main__': main()
