"""Render the whole course as a site that needs no network: _site/, with a sidebar in course order, search, mathematics and a dark mode.

    python scripts/make_site.py [folder, default _site]

The docs proper are nbdev's, made with Quarto (.github/workflows/docs.yaml). This is for where Quarto cannot be had. nbconvert renders the
notebooks with their saved outputs; KaTeX, which renders the mathematics in the browser, lies in scripts/site/katex.
"""
import html
import json
import re
import shutil
import sys
from pathlib import Path

from nbconvert.filters import Highlight2HTML, markdown2html
from pygments.formatters import HtmlFormatter

import make_api
from course import everything, internals, nbs, pages, root, solutions, with_modules
from make_frame import install

assets = Path(__file__).resolve().parent/'site'
highlight = Highlight2HTML(pygments_lexer='ipython3')


def hidden(cell): return cell['id']==install or re.search(r'^#\|\s*(hide\b|include:\s*false)', cell.source, re.M)


def links(text):
    "Links between notebooks become links between pages."
    return re.sub(r'(href="(?!\w+:)[^"#]*)\.(?:ipynb|md)(?=["#])', r'\1.html', text)


def output(o):
    "One saved output as HTML: the richest form that a page can show."
    data = o.get('data', {})
    get = lambda k: ''.join(data[k]) if k in data else None
    if o['output_type']=='stream': return f'<pre>{html.escape("".join(o["text"]))}</pre>'
    if o['output_type']=='error': return f'<pre>{html.escape(o["ename"])}: {html.escape(o["evalue"])}</pre>'
    if png := get('image/png'): return f'<img src="data:image/png;base64,{png.strip()}" alt="plot, made by the code above">'
    if got := get('text/html'): return got
    if got := get('text/markdown'): return markdown2html(got)
    return f'<pre>{html.escape(get("text/plain") or "")}</pre>'


def code_cell(c, guess=False):
    "Code and what it gave; after a question the answer waits for a click."
    source = re.sub(r'^#\|.*\n?', '', c.source, flags=re.M).strip('\n')
    if not source: return ''
    exported = '<span class="exported">goes into the package</span>' if re.search(r'^#\|\s*export', c.source, re.M) else ''
    shown = ''.join(map(output, c.get('outputs', [])))
    if shown: shown = f'<div class="cell-out">{shown}</div>'
    if shown and guess: shown = f'<details class="guess"><summary>Your prediction first. Then look.</summary>{shown}</details>'
    return exported + highlight(source) + shown


def notebook(page):
    "The body of a page. In the glossary each row is a place to link to."
    cells = [c for c in page.nb.cells if c.source and not hidden(c)]
    asked = [False] + [c.cell_type=='markdown' and '**Predict' in c.source.split('\n\n')[-1] for c in cells]
    body = '\n'.join(markdown2html(c.source) if c.cell_type=='markdown' else code_cell(c, guess) for c,guess in zip(cells, asked))
    if page.name=='glossary': body = re.sub(r'<tr>(?=\s*<td><strong>(.*?)</strong>)', lambda m: f'<tr id="{slug(m[1])}">', body)
    return body


def slug(text): return re.sub(r'\W+', '-', re.sub(r'<[^>]+>', '', text)).strip('-')


def headings(body): return re.findall(r'<h2[^>]*?id="([^"]*)"[^>]*>(.*?)<a class="anchor-link"', body, re.S)


def sidebar(current, up, body):
    "The list of all pages, with the one that is shown marked and its headings below it."
    inside = ''.join(f'<li><a href="#{i}">{text}</a></li>' for i,text in headings(body))
    def row(name, text):
        if name != current: return f'<li><a href="{up}{name}.html">{text}</a></li>'
        return f'<li><a href="{up}{name}.html" aria-current="page">{text}</a>' + (f'<ul class="inside">{inside}</ul></li>' if inside else '</li>')
    sections = {
        'Course': [(p.name, p.short) for p in pages()] + [('glossary', 'glossary'), ('contributing', 'contributing')],
        'Internals': [(p.name, p.short) for p in internals()],
        'Reference': [(f'api/{m}', f'miniai.{m}') for _,m in with_modules()],
        'Solutions': [(p.name, p.short) for p in solutions()],
    }
    lists = ''.join(f'<h2>{k}</h2><ul>{"".join(row(*o) for o in v)}</ul>' for k,v in sections.items())
    return (f'<nav class="side"><form class="search" action="{up}search.html"><input name="q" type="search" '
            f'aria-label="Search" placeholder="Search"></form><details id="pages"><summary>All pages</summary>'
            f'<ul>{row("index", "Home")}</ul>{lists}</details></nav>')


def document(name, title, body, scripts=''):
    up = '../'*name.count('/')
    katex = ''.join(f'<script defer src="{up}katex/{o}.min.js"></script>' for o in ('katex', 'auto-render'))
    # The list of pages is open where there is room for it beside the text.
    opened = '<script>if (matchMedia("(min-width: 62rem)").matches) document.querySelector("#pages").open = true</script>'
    return f'''<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="{up}katex/katex.min.css"><link rel="stylesheet" href="{up}site.css"><link rel="stylesheet" href="{up}code.css">
{katex}<script defer src="{up}site.js"></script>{scripts}</head>
<body><div class="layout">{sidebar(name, up, body)}{opened}<main>{links(body)}</main></div></body></html>
'''


def sections(name, title, body):
    "What search looks through: each heading of a page with the text under it."
    text = lambda o: re.sub(r'\s+', ' ', html.unescape(re.sub(r'<[^>]+>', ' ', o))).replace('¶', '').strip()
    body = re.sub(r'<img[^>]*>', '', body)
    if name=='glossary':
        for id,term,meaning in re.findall(r'<tr id="([^"]*)">\s*<td>(.*?)</td>\s*<td>(.*?)</td>', body, re.S):
            yield dict(url=f'{name}.html#{id}', page=title, heading=text(term), text=text(meaning))
        return
    parts = re.split(r'<h[1-3][^>]*?id="([^"]*)"[^>]*>(.*?)</h[1-3]>', body, flags=re.S)
    for id,heading,content in zip(parts[1::3], parts[2::3], parts[3::3]):
        yield dict(url=f'{name}.html#{id}', page=title, heading=text(heading), text=text(content))


def main():
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else root/'_site'
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    make_api.main()
    bodies = {p.name: (p.title, notebook(p)) for p in everything()}
    bodies |= {f'api/{m}': (f'miniai.{m}', markdown2html((nbs/f'api/{m}.md').read_text(encoding='utf-8'))) for _,m in with_modules()}
    index = [o for name,(title,body) in bodies.items() for o in sections(name, title, body)]
    (out/'search-index.js').write_text(f'const searchIndex = {json.dumps(index)}\n', encoding='utf-8')
    bodies['search'] = ('Search', '<h1>Search</h1><div id="hits"></div>')
    for name,(title,body) in bodies.items():
        path = out/f'{name}.html'
        path.parent.mkdir(exist_ok=True)
        scripts = '<script defer src="search-index.js"></script>' if name=='search' else ''
        path.write_text(document(name, title, body, scripts), encoding='utf-8')
    for o in ('site.css', 'site.js'): shutil.copy(assets/o, out)
    shutil.copytree(assets/'katex', out/'katex')
    shutil.copytree(nbs/'images', out/'images')
    light,dark = (HtmlFormatter(style=s).get_style_defs('.highlight') for s in ('xcode', 'github-dark'))
    (out/'code.css').write_text(f'{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n.highlight {{ background: none !important; }}\n', encoding='utf-8')
    print(f'{len(bodies)} pages in {out}')


if __name__ == '__main__': main()
