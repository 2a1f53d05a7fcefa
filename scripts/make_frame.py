"""Write the frame of every page: links to its neighbours, badges, the cell that installs the package, and the docs' sidebar.

    python scripts/make_frame.py [--check]

The frame is made from the order of the files and from `user` and `repo` in settings.ini. `--check` writes nothing and fails if a page's
frame is not up to date.
"""
import sys

from execnb.nbio import NbCell

from course import as_text, branch, everything, git_url, internals, nbs, pages, solutions, twin, with_modules

top, install, end = 'frame-top', 'frame-install', 'frame-end'
unnumbered = 'index', 'ways', 'glossary', 'contributing'


def links(page):
    "← the page before · course · glossary · the page after →; a page about a module has its neighbours in the order of the floors"
    row = solutions() if page.is_solutions else internals() if page.is_internals else pages()
    names = [p.name for p in row]
    i = names.index(page.name) if page.name in names else None
    def link(text, name): return f'[{text}]({page.link_to(name + ".ipynb")})'
    parts = []
    if i: parts.append(link(f'← {row[i-1].short}', row[i-1].name))
    parts.append(link('ways through the course', 'ways') if page.name=='index' else link('course', 'index'))
    if page.is_solutions: parts.append(link('the page', page.path.stem))
    elif (nbs/'solutions'/page.path.name).exists(): parts.append(link('solutions', f'solutions/{page.path.stem}'))
    if other := twin(page): parts.append(link(other.short if page.is_internals else 'internals', other.name))
    if page.name != 'glossary': parts.append(link('glossary', 'glossary'))
    if i is not None and i+1 < len(row): parts.append(link(f'{row[i+1].short} →', row[i+1].name))
    return ' · '.join(parts)


def badges(page):
    "Open the page in Colab, or download it."
    slug = git_url.split('github.com/')[1]
    colab = f'https://colab.research.google.com/github/{slug}/blob/{branch}/nbs/{page.name}.ipynb'
    raw = f'{git_url}/raw/{branch}/nbs/{page.name}.ipynb'
    return ' '.join(f'[![{text}]({page.link_to("images/badge-" + kind + ".svg")})]({url})'
                    for kind,text,url in (('colab', 'Open in Colab', colab), ('download', 'Download', raw)))


def install_code(page):
    "Brings the package to a machine that has none, such as a fresh Colab, with the files beside the page."
    folder = f'course/nbs/{page.name}'.rsplit('/', 1)[0]
    # A package called miniai may be somebody else's. A page about a module asks for the lightest one that is ours.
    return ('#| include: false\n'
            f'try: import miniai.{"text" if page.is_internals else "datasets"}\n'
            'except ImportError:  # a fresh Colab, say: fetch the course and install it\n'
            f'    !git clone -q --depth 1 --branch {branch} {git_url} course\n'
            "    %pip install -q './course[course]'\n"
            'import os\n'
            f"if os.path.isdir('{folder}'): os.chdir('{folder}')")


def cell(kind, id, source):
    extra = dict(execution_count=None, outputs=[]) if kind=='code' else {}
    return NbCell(0, dict(cell_type=kind, id=id, metadata={}, source=source, **extra))


def framed(page):
    "The page as it should be: its own cells, with the frame's where they belong."
    nb = page.nb
    cells = [c for c in nb.cells if c['id'] not in (top, install, end)]
    words = links(page) if page.name in unnumbered else f'{links(page)}\n\n{badges(page)}'
    first = [cell('markdown', top, words)]
    if any(c.cell_type=='code' for c in cells): first.append(cell('code', install, install_code(page)))
    last = [] if page.name in unnumbered else [cell('markdown', end, links(page))]
    nb.cells = cells[:1] + first + cells[1:] + last
    return as_text(page)


def section(name, rows):
    "Lines of a section of the sidebar, from the text and the file of each entry."
    return [f'      - section: "{name}"', '        contents:'] + [f'          - text: "{text}"\n            href: {file}' for text,file in rows]


def sidebar():
    "The docs' sidebar, in course order."
    def files(row): return [(p.short, f'{p.name}.ipynb') for p in row]
    lines = ['website:', '  sidebar:', '    contents:', '      - text: "Home"', '        href: index.ipynb', '      - text: "Ways through it"', '        href: ways.ipynb']
    lines += section('Course', files(pages()))
    lines += ['      - text: "Glossary"', '        href: glossary.ipynb', '      - text: "Contributing"', '        href: contributing.ipynb']
    lines += section('Internals', files(internals()))
    lines += section('Reference', [(f'miniai.{module}', f'api/{module}.md') for _,module in with_modules()])
    lines += section('Solutions', files(solutions()))
    return '\n'.join(lines) + '\n'


def main():
    wanted = {page.path: framed(page) for page in everything()} | {nbs/'sidebar.yml': sidebar()}
    stale = [p for p,text in wanted.items() if not p.exists() or p.read_text(encoding='utf-8') != text]
    if '--check' in sys.argv:
        if stale: sys.exit(f'run python scripts/make_frame.py: the frame is not up to date in {", ".join(p.name for p in stale)}')
        return
    for p in stale: p.write_text(wanted[p], encoding='utf-8')
    print(f'{len(stale)} of {len(wanted)} files written')


if __name__ == '__main__': main()
