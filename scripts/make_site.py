"""Render the whole course as a site that needs no network: _site/, with a sidebar in course order, search, mathematics and a dark mode.

    python scripts/make_site.py [folder, default _site]

The docs proper are nbdev's, made with Quarto (.github/workflows/docs.yaml). This is for where Quarto cannot be had. nbconvert renders the
notebooks with their saved outputs (site_cells.py), pictures become small files (site_pictures.py), search knows the field's synonyms
(site_search.py), and KaTeX, which renders the mathematics in the browser, lies in scripts/site/katex.
"""
import html
import re
import shutil
import sys
from functools import cache
from pathlib import Path

from nbconvert.filters import markdown2html
from pygments.formatters import HtmlFormatter

import make_api
import site_search
from course import Page, cfg, docs_url, everything, home, internals, nbs, pages, root, solutions, twin, with_modules
from site_cells import notebook
from site_pictures import Pictures, eager, size

assets = Path(__file__).resolve().parent/'site'
default_picture = 'images/12_start.png'


# What a page says about itself to those who link to it

def words(markdown):
    "Markdown as plain text."
    return html.unescape(re.sub(r'\s+', ' ', re.sub(r'<[^>]+>', '', markdown2html(markdown)))).strip()


def picture(page):
    "The title picture: the first of the page's own text that does not move, that of the page about the same thing, or the course's."
    for text in (page.nb.cells[0].source, page.text):
        for o in re.findall(r'!\[[^\]]*\]\((?:\.\./)*(images/[^)]+)\.(?:png|gif)\)', text):
            if (nbs/f'{o}.png').exists(): return f'{o}.png'
    other = Page(nbs/page.path.name) if page.is_solutions else twin(page) if page.is_internals else None
    return picture(other) if other else default_picture


class Document:
    "A page of the site: its name without the ending, and all that stands in its head."
    def __init__(self, name, title, body, about='', image=default_picture, minutes=None, row=(), scripts=()):
        self.name,self.title,self.body,self.about,self.image,self.minutes,self.scripts = name, title, body, about or title, image, minutes, scripts
        names = [n for n,_ in row]
        i = names.index(name) if name in names else None
        self.before = row[i-1] if i else None
        self.after = row[i+1] if i is not None and i+1 < len(row) else None
        self.up = '../'*name.count('/')

    @property
    def url(self): return f'{docs_url}/{"" if self.name=="index" else self.name + ".html"}'

    def meta(self):
        "Title, description, and what a link to the page shows elsewhere."
        title = self.title if self.name=='index' else f'{self.title} · {cfg["title"]}'
        w,h = size((nbs/self.image).read_bytes())
        og = {'site_name': cfg['title'], 'type': 'website' if self.name=='index' else 'article', 'title': self.title, 'description': self.about,
              'url': self.url, 'image': f'{docs_url}/{self.image}', 'image:width': w, 'image:height': h}
        tags = [f'<meta property="og:{k}" content="{html.escape(str(v))}">' for k,v in og.items()]
        return '\n'.join([f'<title>{html.escape(title)}</title>', f'<meta name="description" content="{html.escape(self.about)}">', *tags,
                          '<meta name="twitter:card" content="summary_large_image">'])

    def neighbours(self):
        "Links to the previous and to the next page, with their titles."
        def link(rel, text, to): return f'<a rel="{rel}" href="{self.up}{to[0]}.html"><small>{text}</small>{html.escape(to[1])}</a>' if to else ''
        both = link('prev', '← previous', self.before) + link('next', 'next →', self.after)
        return f'<nav class="next" aria-label="Previous and next page">{both}</nav>' if both else ''

    def main(self):
        "The body, with the minutes below the title and its subtitle, and the neighbours at the end."
        facts = f'<p class="facts">{f"<span>{self.minutes} minutes</span>" if self.minutes else ""}</p>'
        top = re.sub(r'(</h1>\s*(?:<blockquote>.*?</blockquote>)?)', lambda m: m[1] + facts, self.body, count=1, flags=re.S)
        return links(eager(top)) + self.neighbours()

    def render(self):
        up,math = self.up, '$' in re.sub(r'<pre.*?</pre>', '', self.body, flags=re.S)
        sheets = ['katex/katex.min.css']*math + ['site.css', 'code.css']
        scripts = ['katex/katex.min.js', 'katex/auto-render.min.js']*math + ['site.js', *self.scripts]
        head = [f'<link rel="stylesheet" href="{up}{o}">' for o in sheets] + [f'<script defer src="{up}{o}"></script>' for o in scripts]
        # The list of pages is open where there is room for it beside the text.
        opened = '<script>if (matchMedia("(min-width: 62rem)").matches) document.querySelector("#pages").open = true</script>'
        return f'''<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
{self.meta()}
<link rel="icon" href="data:,">
{"".join(head)}</head>
<body><a class="skip" href="#main">Skip to the text</a>
<div class="layout">{sidebar(self.name, up, self.body)}{opened}<main id="main">{self.main()}</main></div></body></html>
'''


def links(text):
    "Links between notebooks become links between pages."
    return re.sub(r'(href="(?!\w+:)[^"#]*)\.(?:ipynb|md)(?=["#])', r'\1.html', text)


def anchors(body):
    "A heading's link to itself says what it is."
    return re.sub(r'<a class="anchor-link"', '<a class="anchor-link" aria-label="Link to this section"', body)


def headings(body): return re.findall(r'<h2[^>]*?id="([^"]*)"[^>]*>(.*?)<a class="anchor-link"', body, re.S)


@cache
def all_pages():
    "The sections of the sidebar: the name and the text of each page."
    return {
        '': [('index', 'Home')],
        'Course': [(p.name, p.short) for p in everything()[1:] if p.path.parent==nbs],
        'Internals': [(p.name, p.short) for p in internals()],
        'Reference': [(f'api/{m}', f'miniai.{m}') for _,m in with_modules()],
        'Solutions': [(p.name, p.short) for p in solutions()],
    }


def sidebar(current, up, body):
    "The list of all pages, with the one that is shown marked and its headings below it."
    inside = ''.join(f'<li><a href="#{i}">{text}</a></li>' for i,text in headings(body))
    def row(name, text):
        if name != current: return f'<li><a href="{up}{name}.html">{text}</a></li>'
        return f'<li><a href="{up}{name}.html" aria-current="page">{text}</a>' + (f'<ul class="inside">{inside}</ul></li>' if inside else '</li>')
    lists = ''.join(f'{k and f"<p>{k}</p>"}<ul>{"".join(row(*o) for o in v)}</ul>' for k,v in all_pages().items())
    return (f'<nav class="side" aria-label="All pages"><form class="search" role="search" action="{up}search.html"><input name="q" type="search" '
            f'aria-label="Search" placeholder="Search"></form><details id="pages"><summary>All pages</summary>{lists}</details></nav>')


def documents(out):
    "All pages, their pictures written to `out`."
    def row(some): return [(p.name, words(p.title)) for p in some]
    rows = row(internals()), row(solutions()), row([home(), *pages()])
    for p in everything():
        body = anchors(notebook(p, Pictures(out, p.name)))
        # In the glossary each row is a place to link to.
        if p.name=='glossary': body = re.sub(r'<tr>(?=\s*<td><strong>(.*?)</strong>)', lambda m: f'<tr id="{site_search.slug(m[1])}">', body)
        yield Document(p.name, words(p.title), body, words(p.subtitle), picture(p), p.minutes, next((r for r in rows if (p.name, words(p.title)) in r), ()))
    row = [(f'api/{m}', f'miniai.{m}') for _,m in with_modules()]
    for p,m in with_modules():
        body = anchors(markdown2html((nbs/f'api/{m}.md').read_text(encoding='utf-8')))
        yield Document(f'api/{m}', f'miniai.{m}', body, f'Reference of miniai.{m}: {words(p.subtitle)}', picture(p), row=row)


def sitemap(docs):
    rows = ''.join(f'<url><loc>{html.escape(d.url)}</loc></url>\n' for d in docs)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'


def code_colours():
    light,dark = (HtmlFormatter(style=s).get_style_defs('.highlight') for s in ('xcode', 'github-dark'))
    return f'{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n.highlight {{ background: none !important; }}\n'


def main():
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else root/'_site'
    shutil.rmtree(out, ignore_errors=True)
    for folder in ('images', 'figures'): shutil.copytree(nbs/folder, out/folder)
    shutil.copytree(assets/'katex', out/'katex')
    for o in ('site.css', 'site.js', 'search.js'): shutil.copy(assets/o, out)
    make_api.main()
    docs = list(documents(out))
    site_search.write({d.name: (d.title, d.body) for d in docs}, out/'search-index.js')
    (out/'sitemap.xml').write_text(sitemap(docs), encoding='utf-8')
    (out/'code.css').write_text(code_colours(), encoding='utf-8')
    docs.append(Document('search', 'Search', '<h1>Search</h1><div id="hits"></div>', 'Search all pages of the course.', scripts=('search-index.js', 'search.js')))
    for d in docs:
        path = out/f'{d.name}.html'
        path.parent.mkdir(exist_ok=True)
        path.write_text(d.render(), encoding='utf-8')
    print(f'{len(docs)} pages in {out}')


if __name__ == '__main__': main()
