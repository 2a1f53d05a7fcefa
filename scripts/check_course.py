"""Say where a page of the course lacks what every page promises.

    python scripts/check_course.py

Looked for: minutes, recap, further reading; exercises with a stub, a checker whose asserts speak, a hint and a worked solution, at least
one each to predict, to break and to build; terms in bold that are in the glossary, and the glossary's pages; links, anchors of headings and
pictures that exist; animations below 1 MB with a strip; the map in index.ipynb, which must have each page with its minutes, and name
headings that exist. A page of the course has at most 15 visible lines of code in a cell, its first picture within the first
60, and promises the minutes that a count finds; every cell with a picture says in `#| fig-alt: "…"` what is to be seen. A page about a
module (nbs/internals) has a title, a line below it and terms that are in the glossary; exercises, minutes and a recap are not asked of it.
The map of the modules in contributing.ipynb must have each of them with its page, the highest floor first.
"""
import ast
import re
import sys
from urllib.parse import urldefrag

from course import Page, code_lines, contributing, everything, floors, git_url, glossary, home, internals, nbs, pages, root, ways, with_modules

kinds = 'predict', 'break it', 'build something you keep'
# Lines of visible code in a cell, and before the first picture. (check_layers.py counts those of a page.)
most_in_cell,first_picture = 15, 60
without_pictures = {'16_speed'}  # a page of tables
# Bold that is no term: the frame of a page, a question, an exercise, a heading in the line.
no_term = re.compile(r"Predict|You will be able to$|You need$|Time$|\d+( \(|\.$)|.*[.:]$", re.S)


def prose(page):
    "Markdown of a page without code blocks, and without code that has two asterisks."
    text = re.sub(r'```.*?```', '', page.text, flags=re.S)
    return re.sub(r'`[^`]*`', lambda m: m[0].replace('**', ''), text)


def plain(term):
    "For comparing: lower case, without marks, hyphens and endings of the plural."
    term = re.sub(r'[`*$\\]', '', term.lower()).replace('-', ' ')
    for ending,singular in ((r'ies\b', 'y'), (r'(?<=ch|sh)es\b', ''), (r'(?<=\w\w)s\b', '')): term = re.sub(ending, singular, term)
    return ' '.join(term.split())


def glossary_rows():
    "Term and page of each row of the glossary's first table; the page as in `06_covariance` or `internals/trace`."
    text = glossary().text.split('## Short names')[0]
    return re.findall(r'^\| \*\*(.+?)\*\* \| .* \| \[[^\]]*\]\(((?:internals/)?\w+)\.ipynb(?:#[^)]*)?\) \|$', text, re.M)


def check_terms():
    rows = glossary_rows()
    known = [plain(t) for t,_ in rows]
    bold = {p.name: [b for b in re.findall(r'\*\*(?=\S)([^*]+)\*\*', prose(p)) if not no_term.match(b)] for p in [*pages(), *internals()]}
    for page,terms in bold.items():
        for t in terms:
            if not any(re.search(rf'\b{re.escape(plain(t))}', k) for k in known): yield f'{page}: **{t}** is not in the glossary'
    for term,page in rows:
        if page not in bold: yield f'glossary: {term} is said to be in {page}, which does not exist'
        elif not any(re.search(rf'\b{re.escape(plain(b))}', plain(term)) for b in bold[page]): yield f'glossary: {term} is nowhere in bold in {page}'


def exercises(page):
    "Number, kind and text of each exercise, with the code cells after it."
    found = []
    for c in page.nb.cells:
        if c.cell_type=='markdown':
            for m in re.finditer(r'\*\*(\d+) \((.+?)\)\.\*\*(.*?)(?=\*\*\d+ \(|## |\Z)', c.source, re.S): found.append([int(m[1]), m[2], m[3], []])
        elif found: found[-1][3].append(c.source)
    return found


def check_exercises(page):
    found = exercises(page)
    solved = Page(nbs/'solutions'/page.path.name)
    if not found: yield 'no exercises'; return
    if not solved.path.exists(): yield 'no solutions'; return
    solution = '\n'.join(c.source for c in solved.nb.cells if c.cell_type=='code')
    for kind in kinds:
        if not any(kind in k for _,k,_,_ in found): yield f'no exercise of the kind ({kind})'
    if [n for n,*_ in found] != list(range(1, len(found) + 1)): yield f'exercises are numbered {[n for n,*_ in found]}'
    for n,_,text,code in found:
        if 'Hint:' not in text.replace('\n', ' '): yield f'exercise {n} has no hint'
        if not any(re.match(r'#\| eval: false', c) for c in code): yield f'exercise {n} has no stub'
        checker = next((c for c in code if c.startswith('def check_')), None)
        if not checker: yield f'exercise {n} has no checker'; continue
        if any(isinstance(o, ast.Assert) and o.msg is None for o in ast.walk(ast.parse(checker))): yield f'exercise {n}: an assert of the checker has no message'
        name = re.match(r'def (check_\w+)', checker)[1]
        if f'{name}(' not in solution: yield f'exercise {n}: {name} is not called in the solutions'


def pictures(cell): return [o for o in cell.get('outputs', []) if {'image/png', 'image/svg+xml'} & set(o.get('data', {}))]


def check_shape(page):
    "A story is read, not scrolled through."
    before = 0
    for c in page.shown:
        n = code_lines(c)
        if n > most_in_cell: yield f'cell {c.id} has {n} lines, at most {most_in_cell} are allowed'
    for c in page.shown:
        before += code_lines(c)
        if pictures(c): break
    else: before = None
    if page.name not in without_pictures and (before is None or before > first_picture): yield f'the first picture comes after {before} lines of code, at most {first_picture} are allowed'
    if page.minutes and abs(page.minutes - page.counted_minutes) > 1: yield f'promises {page.minutes} minutes, and takes {page.counted_minutes} by count'


def check_descriptions(page):
    for c in page.nb.cells:
        if c.cell_type=='code' and pictures(c) and not re.search(r'^#\|\s*fig-alt:\s*"[^"]{15,}"\s*$', c.source, re.M):
            yield f'cell {c.id} draws a picture, and has no line #| fig-alt: "…" that says in a sentence what is to be seen'


def check_frame(page):
    if page.minutes is None: yield 'no minutes after **Time**'
    for heading in ('## Recap', '## Exercises', '## Further reading'):
        if heading not in page.text: yield f'no {heading}'
    for need in ('**You will be able to**', '**You need**'):
        if need not in page.nb.cells[0].source: yield f'no {need} at the top'


def check_internals(page):
    title = page.nb.cells[0].source.split('\n', 1)[0]
    if title != f'# {page.path.stem}': yield f'the title is {title!r}, expected # {page.path.stem}'
    if not page.subtitle: yield 'no line below the title (> …) that says what the page is about'
    if '## Exercises' in page.text: yield 'has exercises: those belong to the pages of the course'


def anchor(heading):
    "As nbconvert and GitHub make it."
    return heading.strip().replace(' ', '-')


def check_links(page):
    for is_image,text,target in re.findall(r'(!?)\[((?:[^\[\]]|!\[[^\]]*\]\([^)]*\))*)\]\(([^)\s]+)\)', prose(page)):
        for inner in re.findall(r'!\[[^\]]*\]\(([^)]*)\)', text):
            if not (page.path.parent/inner).exists(): yield f'no picture {inner}'
        if is_image and not text.strip(): yield f'{target}: a picture without a description'
        if target.startswith(f'{git_url}/raw/') or target.startswith('https://colab.research.google.com/github/'):
            if not (root/'nbs'/target.split('/nbs/')[1]).exists(): yield f'link to {target}'
        elif re.match(r'[a-z]+:', target): continue
        else:
            path,part = urldefrag(target)
            file = page.path.parent/path if path else page.path
            if not file.exists(): yield f'link to {target}'; continue
            if part and file.suffix=='.ipynb':
                heads = {anchor(h) for h in re.findall(r'^#+ (.+)$', Page(file).text, re.M)}
                if part not in heads: yield f'{target}: no such heading'


def check_pictures():
    for gif in (nbs/'images').glob('*.gif'):
        if gif.stat().st_size >= 1_000_000: yield f'{gif.name} has {gif.stat().st_size:,} bytes'
        if not gif.with_suffix('.png').exists(): yield f'{gif.name} has no static strip'
    used = '\n'.join(p.text for p in everything())
    for o in (nbs/'images').iterdir():
        if f'images/{o.name}' not in used: yield f'images/{o.name} is on no page'


def check_map():
    text = home().text
    for p in pages():
        row = re.search(rf'^\| \[[^\]]*\]\({p.path.stem}\.ipynb\) \|.*$', text, re.M)
        if not row: yield f'index: {p.path.stem} is not in the map'
        elif p.minutes and f'| {p.minutes} |' not in row[0]: yield f'index: {p.path.stem} takes {p.minutes} minutes by its own account'


def check_headings():
    "A heading that a page which shows the way names in italics is a heading somewhere."
    heads = {h.strip() for p in [*pages(), home()] for h in re.findall(r'^#+ (.+)$', p.text, re.M)}
    for text in re.findall(r'(?<![*\w])\*([A-Z][^*\n]{,80})\*(?!\*)', re.sub(r'`[^`]*`', '', home().text + ways().text)):
        if text not in heads: yield f'index or ways: no page has a heading {text!r}'


def check_modules():
    rows = re.findall(r'^\| `(\w+)` \| \[[^\]]*\]\(([^)]*)\.ipynb\) \| *(\S.*) \|$', contributing().text, re.M)
    if [m for m,*_ in rows] != floors[::-1]: yield f'contributing: the map of the modules has {[m for m,*_ in rows]}, expected {floors[::-1]}'
    exported = {m: p.name for p,m in with_modules()}
    for m,page,_ in rows:
        if page != exported.get(m): yield f'contributing: {m} is said to be in {page}, and is exported from {exported.get(m)}'


def main():
    wrong = [*check_terms(), *check_pictures(), *check_map(), *check_headings(), *check_modules()]
    for p in pages(): wrong += [f'{p.name}: {o}' for f in (check_frame, check_shape, check_exercises) for o in f(p)]
    for p in internals(): wrong += [f'{p.name}: {o}' for o in check_internals(p)]
    for p in everything(): wrong += [f'{p.name}: {o}' for f in (check_links, check_descriptions) for o in f(p)]
    print('\n'.join(wrong))
    print(f'{len(pages())} pages, {len(internals())} about modules, {len(glossary_rows())} terms, {sum(len(exercises(p)) for p in pages())} exercises: {len(wrong)} things wrong')
    sys.exit(bool(wrong))


if __name__ == '__main__': main()
